import type { Logger, LogLevel } from './logger.ts'
import type { Metrics } from './metrics.ts'

type Deps = { readonly logger: Logger; readonly metrics: Metrics }

/** What the log on Kafka tells: its brokers, its topics, its sends. */
export function kafkaSignals({ logger, metrics }: Deps) {
  return {
    brokerSaid: ({ level, message }: { readonly level: LogLevel; readonly message: string }) =>
      logger[level]('Kafka client', { said: message }),
    sendFailed: (facts: { readonly why: string }) => {
      metrics.failures.inc({ part: 'kafka', code: 'send' })
      logger.warn('Kafka did not take events', facts)
    },
    topicsCreated: (facts: { readonly topics: readonly string[] }) =>
      logger.info('topics created', facts),
    topicDiffers: (facts: {
      readonly topic: string
      readonly what: string
      readonly has: number
      readonly asked: number
    }) => logger.info('topic has less than was asked for, and is used as it is', facts),
    topicsAway: (facts: { readonly why: string }) => {
      metrics.failures.inc({ part: 'kafka', code: 'topics' })
      logger.error('Kafka or its topics are not there', facts)
    },
  }
}

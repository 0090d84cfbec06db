import { sentenceOf } from '../runtime/errors.ts'
import type { Entry, EventLog, Position } from './event-log.ts'
import { makeBrokerCalls } from './kafka/broker-calls.ts'
import { makeKafkaLags } from './kafka/lags.ts'
import type { ClientSignals, KafkaConnection } from './kafka/make-kafka.ts'
import { makeSender } from './kafka/make-sender.ts'
import type { Sender } from './kafka/make-sender.ts'
import { openLine } from './kafka/open-line.ts'
import { openProducer } from './kafka/open-producer.ts'
import { openTopics } from './kafka/open-topics.ts'
import type { Topics, TopicSignals } from './kafka/open-topics.ts'
import { makeKafkaRead } from './kafka/read.ts'
import { makeKafkaSubscribe } from './kafka/subscribe.ts'
import { within } from '../runtime/within.ts'

const HEALTH_WAIT_MS = 2_000
const TOPICS_WAIT_MS = 20_000

export type KafkaSignals = ClientSignals &
  TopicSignals & {
    /** A try of a send, which may have arrived all the same; more tries may follow. */
    readonly sendFailed: (facts: { readonly why: string }) => void
  }

export type KafkaLogOptions = {
  readonly connection: KafkaConnection
  /** Names without the connection's prefix. */
  readonly topics: {
    readonly names: readonly string[]
    /** For those that we create; those that exist are used as they are. */
    readonly partitions: number
    /** Undefined: 3, or 1 on a cluster of one broker. */
    readonly replication?: number | undefined
    readonly retentionMs: number
    readonly keepForever: readonly string[]
  }
  readonly signals: KafkaSignals
  readonly now?: () => number
  /** A group can never be read again: the process should end with this reason. */
  readonly died?: (error: unknown) => void
}

export type KafkaLog = Omit<EventLog, 'append'> & {
  /** As `Sender` promises it: what a rejection means, and what `withdraw` takes back. */
  readonly append: (
    entries: readonly Entry[],
    withdraw?: AbortSignal,
  ) => Promise<readonly Position[]>
}

/**
 * The event log on Apache Kafka. Never waits for a broker: connecting and creating topics goes on in the
 * background, appends wait for it up to 20 s, and `health` says what is wrong.
 */
export function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const { connection, signals, now = Date.now, died = () => undefined } = options
  const { prefix } = connection
  const newLine = () => openLine(connection, signals)
  const toName = (topic: string) => prefix + topic

  const topics = openTopics({
    openLine: newLine,
    wanted: {
      ...options.topics,
      names: options.topics.names.map(toName),
      keepForever: options.topics.keepForever.map(toName),
    },
    prefix,
    signals,
  })
  const sender = makeSender({
    openProducer: () => openProducer(connection, signals),
    topics,
    prefix,
    signals,
  })
  const calls = makeBrokerCalls(newLine)
  const consumers = makeKafkaSubscribe({ openLine: newLine, calls, prefix, signals, died })

  let closing: Promise<void> | undefined
  const close = async () => {
    await Promise.all([consumers.end(), sender.close()])
    await Promise.all([topics.close(), calls.close()])
  }

  return Promise.resolve({
    append: (entries, withdraw) =>
      entries.length === 0 ? Promise.resolve([]) : sender.append(entries, withdraw),
    subscribe: consumers.subscribe,
    read: makeKafkaRead(calls, prefix),
    partitionsOf: (topic) => partitionsOf(topics, topic),
    lags: makeKafkaLags({ calls, prefix, knownGroups: consumers.groups, now }),
    health: () => healthOf(topics, sender),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  })
}

async function partitionsOf(topics: Topics, topic: string): Promise<number> {
  await within(TOPICS_WAIT_MS, topics.known()).catch(() => undefined)
  const count = topics.countOf(topic)
  if (typeof count !== 'number') throw count
  return count
}

async function healthOf(topics: Topics, sender: Sender): ReturnType<EventLog['health']> {
  const why = topics.why() ?? sender.trouble()
  if (why !== undefined) return { ok: false, why }
  try {
    await within(HEALTH_WAIT_MS, topics.known().then(topics.ping))
    return { ok: true }
  } catch (error) {
    topics.lookAgain()
    return { ok: false, why: `Kafka has not answered: ${sentenceOf(error)}` }
  }
}

import type { Kafka } from 'kafkajs'
import type { Entry, EventLog, Position } from '../event-log.ts'
import { makeBrokerCalls } from './broker-calls.ts'
import type { BrokerCalls } from './broker-calls.ts'
import { makeKafkaLags } from './lags.ts'
import { makeKafka } from './make-kafka.ts'
import type { BrokerSaid } from './make-kafka.ts'
import { openLine } from './open-line.ts'
import { partitionOfKey } from './partition-of-key.ts'
import { makeKafkaRead } from './read.ts'
import { makeKafkaSubscribe } from './subscribe.ts'

export type ConsumerLogOptions = {
  readonly address: string
  readonly prefix: string
  readonly now?: () => number
  readonly died?: (error: unknown) => void
}

/** The consuming half of the log on Kafka, and the plainest producer that can feed it. */
export type ConsumerLog = Pick<EventLog, 'subscribe' | 'read' | 'lags'> &
  AsyncDisposable & {
    /** All partitions of one topic, created now. */
    readonly create: (topic: string, partitions: number) => Promise<void>
    readonly append: (entries: readonly Entry[]) => Promise<readonly Position[]>
    readonly calls: BrokerCalls
    /** For what a test does to the broker by itself. */
    readonly kafka: Kafka
    readonly said: readonly BrokerSaid[]
    readonly end: () => Promise<void>
  }

export function openConsumerLog(options: ConsumerLogOptions): ConsumerLog {
  const { address, prefix, now = Date.now } = options
  const said: BrokerSaid[] = []
  const signals = { brokerSaid: (facts: BrokerSaid) => void said.push(facts) }
  const connection = { clientId: 'test', brokers: [address], prefix }
  const newLine = () => openLine(connection, signals)
  const kafka = makeKafka(connection, signals)
  const calls = makeBrokerCalls(newLine)
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  const admin = kafka.admin()
  const died = options.died ?? (() => undefined)
  const { subscribe, groups, end } = makeKafkaSubscribe({
    openLine: newLine,
    calls,
    prefix,
    signals,
    died,
  })
  const partitionsOf = new Map<string, number>()

  return {
    subscribe,
    read: makeKafkaRead(calls, prefix),
    lags: makeKafkaLags({ calls, prefix, knownGroups: groups, now }),
    create: async (topic, partitions) => {
      await admin.connect()
      partitionsOf.set(topic, partitions)
      const topics = [{ topic: prefix + topic, numPartitions: partitions, replicationFactor: 1 }]
      await admin.createTopics({ topics, waitForLeaders: true })
    },
    append: async (entries) => {
      await producer.connect()
      const next = new Map<string, bigint>()
      const placed = entries.map((entry) => {
        const key = Buffer.from(entry.key)
        return { entry, key, partition: partitionOfKey(key, partitionsOf.get(entry.topic) ?? 1) }
      })
      const written = await producer.sendBatch({
        acks: -1,
        topicMessages: placed.map(({ entry, key, partition }) => ({
          topic: prefix + entry.topic,
          messages: [
            { key, value: Buffer.from(entry.value), partition, headers: { ...entry.headers } },
          ],
        })),
      })
      for (const { topicName, partition, baseOffset } of written) {
        next.set(`${topicName}/${partition}`, BigInt(baseOffset ?? 0))
      }
      return placed.map(({ entry: { topic }, partition }) => {
        const place = `${prefix}${topic}/${partition}`
        const offset = next.get(place) ?? 0n
        next.set(place, offset + 1n)
        return { topic, partition, offset }
      })
    },
    calls,
    kafka,
    said,
    end,
    [Symbol.asyncDispose]: async () => {
      await end()
      await calls.close()
      await producer.disconnect()
      await admin.disconnect()
    },
  }
}

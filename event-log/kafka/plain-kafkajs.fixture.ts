import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import type { Consumer, Message, Producer } from 'kafkajs'
import type { Entry } from '../event-log.ts'
import { partitionOfKey } from './partition-of-key.ts'
import { skipNegativeTimeoutWarning } from './skip-negative-timeout-warning.ts'

export type Tuning = { readonly perBatch: number; readonly inFlight: number }

/** kafkajs as it is, with none of our code around it: what ours is measured against. */
export type PlainKafkajs = AsyncDisposable & {
  readonly createTopic: (topic: string, partitions: number) => Promise<void>
  /** How many records a topic holds that was never cut. */
  readonly count: (topic: string) => Promise<number>
  /** Sends all of them in order, acknowledged by every in-sync replica; answers the seconds it took. */
  readonly send: (messages: PlainMessages, tuning: Tuning) => Promise<number>
  /** Joins a group, from the beginning of the topic on, and counts what comes. */
  readonly consume: (topic: string, took: (count: number) => void, group: string) => Promise<Flow>
}

export type PlainMessages = {
  readonly topic: string
  readonly messages: readonly Message[]
}

export type Flow = { readonly pause: () => void; readonly resume: () => void }

/** The partition is known beforehand, so that nobody pays for finding it. */
export function toPlainMessages(
  topic: string,
  entries: readonly Entry[],
  partitions: number,
): PlainMessages {
  const messages = entries.map(({ key: text, value, headers }) => {
    const key = Buffer.from(text)
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    const partition = partitionOfKey(key, partitions)
    return { key, value: bytes, partition, ...(headers !== undefined && { headers }) }
  })
  return { topic, messages }
}

export async function openPlainKafkajs(address: string): Promise<PlainKafkajs> {
  skipNegativeTimeoutWarning()
  const kafka = new Kafka({
    clientId: `plain-${randomUUID()}`,
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 10 },
  })
  const admin = kafka.admin()
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  const consumers: Consumer[] = []
  await admin.connect()
  await producer.connect()
  return {
    createTopic: async (topic, numPartitions) => {
      await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true })
    },
    count: async (topic) => {
      const ends = await admin.fetchTopicOffsets(topic)
      return ends.reduce((sum, { high }) => sum + Number(high), 0)
    },
    send: (messages, tuning) => sendAll(producer, messages, tuning),
    consume: async (topic, took, group) => {
      const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
      consumers.push(consumer)
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
      await consumer.run({
        eachBatch: ({ batch }) => {
          took(batch.messages.length)
          return Promise.resolve()
        },
      })
      await joined
      return {
        pause: () => consumer.pause([{ topic }]),
        resume: () => consumer.resume([{ topic }]),
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(consumers.map((consumer) => consumer.disconnect()))
      await Promise.all([producer.disconnect(), admin.disconnect()])
    },
  }
}

async function sendAll(
  producer: Producer,
  { topic, messages }: PlainMessages,
  { perBatch, inFlight }: Tuning,
): Promise<number> {
  const began = performance.now()
  let next = 0
  const sendSome = async () => {
    while (next < messages.length) {
      const some = messages.slice(next, (next += perBatch))
      await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages: some }] })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, sendSome))
  return (performance.now() - began) / 1_000
}

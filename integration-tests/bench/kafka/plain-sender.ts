// A process of its own in which kafkajs alone sends the gateway's events: read, verified and made beforehand.
import {
  openPlainKafkajs,
  toPlainMessages,
  type Tuning,
} from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import { serveParent } from '../child.ts'
import { makeEntries } from './make-entries.ts'

export type PlainSend = Tuning & {
  readonly topic: string
  readonly partitions: number
  readonly first: number
  readonly count: number
}

export type PlainSent = { readonly seconds: number; readonly cpuMicros: number }

const [address = ''] = process.argv.slice(2)
const kafka = await openPlainKafkajs(address)
const created = new Set<string>()

async function send({ topic, partitions, first, count, ...tuning }: PlainSend): Promise<PlainSent> {
  if (!created.has(topic)) await kafka.createTopic(topic, partitions)
  created.add(topic)
  const messages = toPlainMessages(topic, makeEntries(first, count), partitions)
  const before = process.cpuUsage()
  const seconds = await kafka.send(messages, tuning)
  const { user, system } = process.cpuUsage(before)
  return { seconds, cpuMicros: (user + system) / count }
}

// Its connections end with it.
serveParent(send, () => undefined)

// A process of its own that consumes: through the product's log, or by kafkajs alone.
import { openKafkaLog } from '../../../event-log/kafka-log.ts'
import {
  openPlainKafkajs,
  type Flow,
  type PlainKafkajs,
} from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import { serveParent } from '../child.ts'

export type ConsumeAsk =
  | { readonly kind: 'join' | 'join plainly'; readonly group: string }
  | { readonly kind: 'pause' | 'resume' | 'progress' | 'leave' }

export type ConsumeAnswer = {
  /** When so many had been handed out, on the clock that all processes share. */
  readonly progress: readonly { readonly at: number; readonly count: number }[]
}

const silent = () => undefined
const [address = '', topic = ''] = process.argv.slice(2)
let progress: { at: number; count: number }[] = []
let count = 0
let joined: (Flow & { readonly leave: () => Promise<void> }) | undefined

const took = (some: number) => {
  count += some
  progress.push({ at: performance.timeOrigin + performance.now(), count })
}

async function join(group: string) {
  const log = await openKafkaLog({
    connection: { clientId: 'bench', brokers: [address], prefix: '' },
    topics: { names: [topic], partitions: 1, retentionMs: -1, keepForever: [topic] },
    signals: {
      brokerSaid: silent,
      topicsCreated: silent,
      topicDiffers: silent,
      topicsAway: silent,
      sendFailed: silent,
    },
  })
  const what = { group, topics: [topic], startFrom: 'beginning', maxInHand: 2_000 } as const
  const { pause, resume } = await log.subscribe(what, (handed) => {
    for (const { done } of handed) done()
    took(handed.length)
  })
  return { pause, resume, leave: async () => log[Symbol.asyncDispose]() }
}

async function joinPlainly(group: string) {
  const kafka: PlainKafkajs = await openPlainKafkajs(address)
  const flow = await kafka.consume(topic, took, group)
  return { ...flow, leave: async () => kafka[Symbol.asyncDispose]() }
}

async function leave(): Promise<void> {
  await joined?.leave()
  joined = undefined
}

async function answer(ask: ConsumeAsk): Promise<ConsumeAnswer> {
  switch (ask.kind) {
    case 'join':
    case 'join plainly':
      progress = []
      count = 0
      joined = await (ask.kind === 'join' ? join(ask.group) : joinPlainly(ask.group))
      break
    case 'pause':
      joined?.pause()
      break
    case 'resume':
      joined?.resume()
      break
    case 'leave':
      await leave()
      break
    case 'progress':
      break
    default:
      ask satisfies never
  }
  return { progress }
}

serveParent(answer, leave)

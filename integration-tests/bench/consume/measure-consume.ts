import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import {
  openPlainKafkajs,
  toPlainMessages,
  type PlainKafkajs,
} from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import { startChild, type Child } from '../child.ts'
import { makeEntries } from '../kafka/make-entries.ts'
import { openBenchStores } from '../open-bench-stores.ts'
import { renderTable } from '../render-table.ts'
import { median } from '../statistics.ts'
import type { ConsumeAnswer, ConsumeAsk } from './consumer.ts'

type Options = {
  readonly rounds: number
  readonly count: number
  readonly tell: (line: string) => void
}

type Way = {
  readonly name: string
  readonly join: 'join' | 'join plainly'
  readonly processes: number
}

const ways: readonly Way[] = [
  { name: 'EventLog.subscribe, 1 process', join: 'join', processes: 1 },
  { name: 'EventLog.subscribe, 2 processes', join: 'join', processes: 2 },
  { name: 'kafkajs alone, 1 process', join: 'join plainly', processes: 1 },
  { name: 'kafkajs alone, 2 processes', join: 'join plainly', processes: 2 },
]

const partitions = 12
/** What was fetched ahead while nobody took it, and how the group settled, is not part of the rate. */
const skipped = 0.25
const longestMs = 120_000

/** Events handed out and done, from a topic that was full before. */
export async function measureConsume({ rounds, count, tell }: Options): Promise<string> {
  await using stores = await openBenchStores(tell)
  await using kafka = await openPlainKafkajs(stores.kafka)
  const rates = new Map<Way, number[]>(ways.map((way) => [way, []]))
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`)
    for (let at = 0; at < ways.length; at++) {
      const way = ways[(at + round) % ways.length]
      if (way === undefined) continue
      rates.get(way)?.push(await consumeAll({ kafka, address: stores.kafka }, way, count))
    }
  }
  const [base] = [...rates.values()]
  const rows = [...rates].map(([{ name }, those]) => [
    name,
    median(those).toFixed(0),
    median(those.map((rate, at) => rate / (base?.[at] ?? NaN))).toFixed(2),
  ])
  return [
    `(e) Events consumed a second: ${count} of ${partitions} partitions, medians of ${rounds} interleaved rounds.`,
    `    The rate is that of the last ${(1 - skipped) * 100} %. "ratio": to the first line in the same round.`,
    '',
    renderTable(['', 'events/s', 'ratio'], rows),
  ].join('\n')
}

type Place = { readonly kafka: PlainKafkajs; readonly address: string }

/** The group joins while the topic is empty, stands still while it is filled, and is let go at once. */
async function consumeAll({ kafka, address }: Place, way: Way, count: number): Promise<number> {
  const topic = `consume-${randomBytes(4).toString('hex')}`
  await kafka.createTopic(topic, partitions)
  await using opened = new AsyncDisposableStack()
  const members: Child<ConsumeAsk, ConsumeAnswer>[] = []
  for (let member = 0; member < way.processes; member++) {
    const file = new URL('./consumer.ts', import.meta.url)
    members.push(opened.use(await startChild({ file, args: [address, topic] })))
  }
  for (const member of members) await member.ask({ kind: way.join, group: `group-${topic}` })
  // The first has to hear of the second with its next heartbeat, and both join once more.
  if (members.length > 1) await wait(4_000)
  for (const member of members) await member.ask({ kind: 'pause' })
  const fill = toPlainMessages(topic, makeEntries(1, count), partitions)
  await kafka.send(fill, { perBatch: 500, inFlight: 1 })
  await Promise.all(members.map((member) => member.ask({ kind: 'resume' })))
  const rate = await untilConsumed(members, count)
  await Promise.all(members.map((member) => member.ask({ kind: 'leave' })))
  return rate
}

async function untilConsumed(
  members: readonly Child<ConsumeAsk, ConsumeAnswer>[],
  count: number,
): Promise<number> {
  const until = performance.now() + longestMs
  for (;;) {
    const answers = await Promise.all(members.map((member) => member.ask({ kind: 'progress' })))
    const total = answers.reduce((sum, { progress }) => sum + (progress.at(-1)?.count ?? 0), 0)
    if (total >= count) return toRate(answers, count)
    if (performance.now() > until) throw new Error(`${total} of ${count} events have come`)
    await wait(250)
  }
}

/** Of all members together, from the moment when the first quarter had been handed out. */
function toRate(answers: readonly ConsumeAnswer[], count: number): number {
  const steps = answers
    .flatMap(({ progress }) =>
      progress.map(({ at, count: sum }, index) => ({
        at,
        count: sum - (progress[index - 1]?.count ?? 0),
      })),
    )
    .toSorted((one, two) => one.at - two.at)
  let sum = 0
  const begin = steps.find((step) => (sum += step.count) >= count * skipped)
  const before = sum
  const total = steps.reduce((all, step) => all + step.count, 0)
  const end = steps.at(-1)
  if (begin === undefined || end === undefined) return NaN
  return ((total - before) / (end.at - begin.at)) * 1_000
}

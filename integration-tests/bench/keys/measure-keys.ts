import { setTimeout as wait } from 'node:timers/promises'
import { openKafkaLog, type KafkaLog } from '../../../event-log/kafka-log.ts'
import type { Handed } from '../../../event-log/event-log.ts'
import { makeInOrderPerKey } from '../../../sdk/in-order-per-key.ts'
import { openBenchStores } from '../open-bench-stores.ts'
import { renderTable } from '../render-table.ts'

type Options = { readonly count: number; readonly tell: (line: string) => void }

const topic = 'keys'
const keys = 1_000
/** 0, 1, 2, 3, 4, 5 ms in turn: 2.5 ms on average. */
const toWorkMs = (offset: number) => offset % 6
const silent = () => undefined

/** Slow work on the messages of one partition: as many keys beside each other as are allowed. */
export async function measureKeys({ count, tell }: Options): Promise<string> {
  await using stores = await openBenchStores(tell)
  await using log = await openKafkaLog({
    connection: { clientId: 'bench', brokers: [stores.kafka], prefix: '' },
    topics: { names: [topic], partitions: 1, retentionMs: -1, keepForever: [topic] },
    signals: {
      brokerSaid: silent,
      topicsCreated: silent,
      topicDiffers: silent,
      topicsAway: silent,
      sendFailed: silent,
    },
  })
  const entries = Array.from({ length: count }, (_, index) => ({
    topic,
    key: `outreach:account:${(index * 7) % keys}`,
    value: Buffer.from(JSON.stringify({ number: index, text: 'x'.repeat(500) })),
  }))
  for (let from = 0; from < count; from += 500) await log.append(entries.slice(from, from + 500))
  const rows: string[][] = []
  for (const { most, part } of [
    { most: 100, part: 1 },
    { most: 10, part: 1 },
    { most: 1, part: 0.1 },
  ]) {
    const some = Math.ceil(count * part)
    tell(`${some} messages, ${most} at a time`)
    const { seconds, disorders, commitSeconds } = await consume(log, { most, count: some })
    const cells = [seconds, commitSeconds, seconds / part].map((value) => value.toFixed(2))
    rows.push([`${most} at a time`, String(some), ...cells, String(disorders)])
  }
  return [
    `(h) Work of 0 to 5 ms on messages of ${keys} keys in one partition of Kafka, each key in its order.`,
    '',
    renderTable(['', 'messages', 's', 'committed s', `s for ${count}`, 'out of order'], rows),
  ].join('\n')
}

type Consumption = { readonly most: number; readonly count: number }

async function consume(log: KafkaLog, { most, count }: Consumption) {
  const latest = new Map<string, bigint>()
  let [worked, disorders, began] = [0, 0, 0]
  const work = async ({ key, at }: Handed) => {
    await wait(toWorkMs(Number(at.offset)))
    if (at.offset <= (latest.get(key) ?? -1n)) disorders++
    latest.set(key, at.offset)
    worked++
  }
  const failed = (error: unknown) => {
    throw error
  }
  const { take, whenIdle } = makeInOrderPerKey({ most, work, failed })
  const group = `keys-${most}`
  const what = { group, topics: [topic], startFrom: 'beginning', maxInHand: 2_000 } as const
  const { stop } = await log.subscribe(what, (handed, owned) => {
    began ||= performance.now()
    const ours = handed.filter(({ at }) => at.offset < BigInt(count))
    take(ours, owned)
  })
  while (worked < count) await wait(1)
  const seconds = (performance.now() - began) / 1_000
  await whenIdle()
  await stop()
  return { seconds, disorders, commitSeconds: (performance.now() - began) / 1_000 }
}

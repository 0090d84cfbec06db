import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  openPlainKafkajs,
  toPlainMessages,
  type PlainMessages,
} from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import { findFreePort } from '../../start-house.ts'
import { startChild, type Child } from '../child.ts'
import { makeEntries } from '../kafka/make-entries.ts'
import { startProductProcess } from '../latency/start-product.ts'
import type { SystemsAnswer, SystemsAsk } from '../latency/systems.ts'
import { openBenchStores } from '../open-bench-stores.ts'
import { readMemory } from '../read-memory.ts'
import { renderTable } from '../render-table.ts'

type Options = {
  /** Events that wait. */
  readonly events: number
  readonly tell: (line: string) => void
}

const topic = 'outreach.account'
const records = 500
const group = 'gateway-sync'
const longestMs = 600_000

type Way = { readonly name: string; readonly flags: readonly string[] }

/** Node takes its machine's memory into account: with 24 GB it collects its garbage late. */
const ways: readonly Way[] = [
  { name: "with Node's own limits here", flags: [] },
  {
    name: 'limited to 256 MB of old space',
    flags: ['--max-old-space-size=256', '--max-semi-space-size=16'],
  },
]

/** The most memory that a consumer's process ever had, while it works off what waits for it. */
export async function measureMemory({ events, tell }: Options): Promise<string> {
  await using opened = new AsyncDisposableStack()
  const stores = opened.use(await openBenchStores(tell))
  const data = join(import.meta.dirname, '../../../data')
  await mkdir(data, { recursive: true })
  const dir = await mkdtemp(join(data, 'bench-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const systems: Child<SystemsAsk, SystemsAnswer> = opened.use(
    await startChild({
      file: new URL('../latency/systems.ts', import.meta.url),
      args: ['http://127.0.0.1:9'],
    }),
  )
  const urls = await systems.ask({ kind: 'urls' })
  const rows: string[][] = []
  for (const { name, flags } of ways) {
    const settings = await stores.makeSettings()
    const place = { dir, systems: urls, stores: settings, role: 'consumers', flags } as const
    tell(`${name}: nothing to do`)
    const idle = await workOff(place)
    tell(`${name}: ${events} events begin to wait`)
    await fill(`${settings.KAFKA_PREFIX}${topic}`, { address: stores.kafka, events })
    tell(`${name}: a consumer works them off`)
    const busy = await workOff(place)
    const cells = [idle.peak, busy.seconds, busy.peak, busy.now].map((value) => value.toFixed(0))
    rows.push([name, ...cells])
  }
  return [
    `(i) Resident memory of a process of the role consumers under ${events} waiting events of ${records} records.`,
    '',
    renderTable(['', 'idle MB', 's to work them off', 'most MB', 'MB at the end'], rows),
  ].join('\n')
}

async function fill(
  name: string,
  { address, events }: { readonly address: string; readonly events: number },
): Promise<void> {
  await using kafka = await openPlainKafkajs(address)
  const messages: PlainMessages['messages'][number][] = []
  for (let round = 0; messages.length < events; round++) {
    // Deliveries whose numbers are so far apart are about the same record.
    const some = makeEntries(round * 5_000, Math.min(records, events - messages.length))
    messages.push(...toPlainMessages(name, some, 12).messages)
  }
  await kafka.send({ topic: name, messages }, { perBatch: 500, inFlight: 1 })
}

/** Runs a consumer until nothing waits any more. */
async function workOff(place: Place) {
  const began = performance.now()
  await using consumer = await startConsumer(place)
  await consumer.untilBehind(0)
  const seconds = (performance.now() - began) / 1_000
  return { seconds, ...(await consumer.readMemory()) }
}

type Place = Omit<Parameters<typeof startProductProcess>[0], 'port'>

async function startConsumer(place: Place) {
  const product = await startProductProcess({ ...place, port: await findFreePort() })
  const isBehind = async (by: number) => {
    // Groups bear KAFKA_PREFIX in front.
    const lag = new RegExp(`^gateway_group_lag_events\\{group="[^"]*${group}"\\} (.+)$`, 'm')
    const told = lag.exec(await product.metrics())?.[1]
    return told !== undefined && Number(told) === by
  }
  return {
    [Symbol.asyncDispose]: async () => product[Symbol.asyncDispose](),
    readMemory: () => readMemory(product.pid),
    async untilBehind(by: number): Promise<void> {
      const until = performance.now() + longestMs
      while (!(await isBehind(by))) {
        if (performance.now() > until)
          throw new Error(`the events are not handled after 10 minutes`)
        await wait(500)
      }
    },
  }
}

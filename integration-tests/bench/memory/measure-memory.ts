import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  openPlainKafkajs,
  toPlainMessages,
} from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import { findFreePort } from '../../start-house.ts'
import { startChild, type Child } from '../child.ts'
import { makeEntries } from '../kafka/make-entries.ts'
import { startProductProcess } from '../latency/start-product.ts'
import type { SystemsAnswer, SystemsAsk } from '../latency/systems.ts'
import { openBenchStores } from '../open-bench-stores.ts'
import { renderTable } from '../render-table.ts'

type Options = {
  /** Events that wait, 5,000 records' worth at most. */
  readonly events: number
  readonly tell: (line: string) => void
}

const topic = 'outreach.account'
const group = 'gateway-sync'
const longestMs = 600_000

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
  const place = {
    dir,
    systems: await systems.ask({ kind: 'urls' }),
    stores: await stores.makeSettings(),
    role: 'consumers',
  } as const
  tell('a consumer with nothing to do')
  const idle = await startConsumer(place)
  await idle.untilBehind(0)
  const idleMegabytes = (await idle.readMemory()).peak
  await idle.product[Symbol.asyncDispose]()

  tell(`${events} events begin to wait`)
  await using kafka = await openPlainKafkajs(stores.kafka)
  const name = `${place.stores.KAFKA_PREFIX}${topic}`
  for (let first = 0; first < events; first += 5_000) {
    const some = makeEntries(first, Math.min(5_000, events - first))
    await kafka.send(toPlainMessages(name, some, 12), { perBatch: 500, inFlight: 1 })
  }
  tell('a consumer works them off')
  const began = performance.now()
  const busy = await startConsumer(place)
  await busy.untilBehind(0)
  const seconds = (performance.now() - began) / 1_000
  const { peak, now } = await busy.readMemory()
  await busy.product[Symbol.asyncDispose]()
  const rows = [
    ['nothing to do', '0', '', idleMegabytes.toFixed(0), ''],
    ['working them off', String(events), seconds.toFixed(1), peak.toFixed(0), now.toFixed(0)],
  ]
  return [
    '(i) Resident memory of a process of the role consumers, on Kafka and PostgreSQL.',
    '',
    renderTable(['', 'events waiting', 's', 'most MB', 'MB at the end'], rows),
  ].join('\n')
}

type Place = Omit<Parameters<typeof startProductProcess>[0], 'port'>

async function startConsumer(place: Place) {
  const product = await startProductProcess({ ...place, port: await findFreePort() })
  const isBehind = async (by: number) => {
    const lag = new RegExp(`^gateway_group_lag_events\\{group="${group}"\\} (.+)$`, 'm')
    const told = lag.exec(await product.metrics())?.[1]
    return told !== undefined && Number(told) === by
  }
  return {
    product,
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

/** In MB, as Linux tells it of any process; elsewhere nobody knows. */
async function readMemory(pid: number): Promise<{ readonly peak: number; readonly now: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const read = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024
  return { peak: read('VmHWM'), now: read('VmRSS') }
}

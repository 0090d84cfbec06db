import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../../start-house.ts'
import { startChild, type Child } from '../child.ts'
import { openBenchStores, type StoreSettings } from '../open-bench-stores.ts'
import { renderTable } from '../render-table.ts'
import { median, quantile } from '../statistics.ts'
import { startProductProcesses, type RunningProduct } from './start-product.ts'
import type { Edits, SystemsAnswer, SystemsAsk } from './systems.ts'

type Options = {
  readonly edits: number
  /** Else the embedded stores only. */
  readonly withKafka: boolean
  readonly tell: (line: string) => void
}

type Part = Omit<Edits, 'count' | 'kind'> & { readonly name: string }

const parts: readonly Part[] = [
  { name: 'Workbooks to Outreach, one at a time', side: 'workbooks' },
  { name: 'Outreach to Workbooks, one at a time', side: 'outreach' },
  { name: 'Workbooks to Outreach, 20 a second', side: 'workbooks', perSecond: 20 },
  { name: 'Outreach to Workbooks, 20 a second', side: 'outreach', perSecond: 20 },
]

const linked = 40
const warmUp = 60

/** From a webhook to the write in the other system, beside what the other systems took to answer. */
export async function measureLatency({ edits, withKafka, tell }: Options): Promise<string> {
  await using opened = new AsyncDisposableStack()
  const stores = withKafka ? opened.use(await openBenchStores(tell)) : undefined
  const houses = [
    { name: 'embedded', house: opened.use(await openLatencyHouse(tell, 'the embedded stores')) },
  ]
  if (stores !== undefined) {
    const settings = await stores.makeSettings()
    const house = opened.use(await openLatencyHouse(tell, 'Kafka and PostgreSQL', settings))
    houses.push({ name: 'Kafka', house })
  }
  const rows: string[][] = []
  for (const part of parts) {
    let base: number | undefined
    for (const { name, house } of houses) {
      tell(`${part.name}: ${name}`)
      const measured = await measure(house, part, edits)
      base ??= measured.p50
      const over = houses.length > 1 && measured.p50 !== base ? measured.p50 - base : undefined
      rows.push([part.name, name, ...measured.cells, over?.toFixed(1) ?? ''])
    }
  }
  const heads = [
    ...['', 'stores', 'p50 ms', 'p99 ms', 'answers W ms', 'answers O ms'],
    ...["p50 of the product's own", 'p50 over embedded'],
  ]
  return [
    `(b) From a webhook to the write in the other system, ${edits} edits each.`,
    '    "answers": what the simulated systems took for a call, on average, as the product saw it;',
    '    "the product\'s own": less both reads, which go side by side, and the write.',
    '    "Kafka": with PostgreSQL, a gateway and a consumer in a process each.',
    '',
    renderTable(heads, rows),
  ].join('\n')
}

type LatencyHouse = AsyncDisposable & {
  readonly systems: Child<SystemsAsk, SystemsAnswer>
  readonly product: RunningProduct
}

/** Linked and warmed up; each between two simulated systems of its own. */
async function openLatencyHouse(
  tell: Options['tell'],
  name: string,
  stores?: StoreSettings,
): Promise<LatencyHouse> {
  tell(`linking and warming up: ${name}`)
  const data = join(import.meta.dirname, '../../../data')
  await mkdir(data, { recursive: true })
  const dir = await mkdtemp(join(data, 'bench-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const port = await findFreePort()
  const systems: Child<SystemsAsk, SystemsAnswer> = opened.use(
    await startChild({
      file: new URL('./systems.ts', import.meta.url),
      args: [`http://127.0.0.1:${port}`],
    }),
  )
  const urls = await systems.ask({ kind: 'urls' })
  const product = opened.use(await startProductProcesses({ dir, port, systems: urls, stores }))
  await systems.ask({ kind: 'link', count: linked })
  for (const side of ['workbooks', 'outreach'] as const) {
    await systems.ask({ kind: 'edit', side, count: warmUp })
  }
  const kept = opened.move()
  return { systems, product, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function measure({ systems, product }: LatencyHouse, part: Part, count: number) {
  const before = readCalls(await product.metrics())
  const { side, perSecond } = part
  const how = perSecond === undefined ? { side } : { side, perSecond }
  const { latenciesMs } = await systems.ask({ kind: 'edit', count, ...how })
  const after = readCalls(await product.metrics())
  const mean = (system: 'workbooks' | 'outreach') =>
    ((after[system].seconds - before[system].seconds) * 1_000) /
    (after[system].count - before[system].count)
  const answers = { workbooks: mean('workbooks'), outreach: mean('outreach') }
  const target = part.side === 'workbooks' ? answers.outreach : answers.workbooks
  const foreign = Math.max(answers.workbooks, answers.outreach) + target
  const p50 = median(latenciesMs)
  const cells = [
    p50,
    quantile(latenciesMs, 0.99),
    answers.workbooks,
    answers.outreach,
    p50 - foreign,
  ].map((ms) => ms.toFixed(1))
  return { p50, cells }
}

function readCalls(metrics: string) {
  const read = (member: string, system: string) =>
    Number(
      new RegExp(`^gateway_call_seconds_${member}\\{system="${system}"\\} (.+)$`, 'm').exec(
        metrics,
      )?.[1] ?? 0,
    )
  const of = (system: string) => ({ seconds: read('sum', system), count: read('count', system) })
  return { workbooks: of('workbooks'), outreach: of('outreach') }
}

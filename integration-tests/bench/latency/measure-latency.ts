import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../../start-house.ts'
import { startChild, type Child } from '../child.ts'
import { renderTable } from '../render-table.ts'
import { median, quantile } from '../statistics.ts'
import { startProductProcess, type RunningProduct } from './start-product.ts'
import type { Edits, SystemsAnswer, SystemsAsk } from './systems.ts'

type Options = { readonly edits: number; readonly tell: (line: string) => void }

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
export async function measureLatency({ edits, tell }: Options): Promise<string> {
  const data = join(import.meta.dirname, '../../../data')
  await mkdir(data, { recursive: true })
  const dir = await mkdtemp(join(data, 'bench-'))
  const port = await findFreePort()
  try {
    await using systems: Child<SystemsAsk, SystemsAnswer> = await startChild({
      file: new URL('./systems.ts', import.meta.url),
      args: [`http://127.0.0.1:${port}`],
    })
    const urls = await systems.ask({ kind: 'urls' })
    await using product = await startProductProcess({ dir, port, systems: urls })
    await systems.ask({ kind: 'link', count: linked })
    for (const side of ['workbooks', 'outreach'] as const) {
      await systems.ask({ kind: 'edit', side, count: warmUp })
    }
    const rows: string[][] = []
    for (const part of parts) {
      tell(part.name)
      rows.push(await measure({ systems, product }, part, edits))
    }
    const heads = [
      '',
      'p50 ms',
      'p99 ms',
      'answers W ms',
      'answers O ms',
      "p50 of the product's own",
    ]
    return [
      `(b) From a webhook to the write in the other system, ${edits} edits each.`,
      '    "answers": what the simulated systems took for a call, on average, as the product saw it;',
      '    "the product\'s own": less both reads, which go side by side, and the write.',
      '',
      renderTable(heads, rows),
    ].join('\n')
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

type House = {
  readonly systems: Child<SystemsAsk, SystemsAnswer>
  readonly product: RunningProduct
}

async function measure({ systems, product }: House, part: Part, count: number): Promise<string[]> {
  const before = readCalls(await product.metrics())
  const { name, ...how } = part
  const { latenciesMs } = await systems.ask({ kind: 'edit', count, ...how })
  const after = readCalls(await product.metrics())
  const mean = (system: 'workbooks' | 'outreach') =>
    ((after[system].seconds - before[system].seconds) * 1_000) /
    (after[system].count - before[system].count)
  const answers = { workbooks: mean('workbooks'), outreach: mean('outreach') }
  const target = part.side === 'workbooks' ? answers.outreach : answers.workbooks
  const foreign = Math.max(answers.workbooks, answers.outreach) + target
  const p50 = median(latenciesMs)
  return [
    name,
    p50.toFixed(1),
    quantile(latenciesMs, 0.99).toFixed(1),
    answers.workbooks.toFixed(1),
    answers.outreach.toFixed(1),
    (p50 - foreign).toFixed(1),
  ]
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

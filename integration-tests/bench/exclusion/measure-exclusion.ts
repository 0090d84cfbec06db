import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { openPostgresState } from '../../../state/postgres-state.ts'
import { migrations } from '../../../state/schema.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { openBenchStores } from '../open-bench-stores.ts'
import { renderTable } from '../render-table.ts'
import { median, quantile } from '../statistics.ts'

type Options = {
  readonly rounds: number
  /** Holds in a round. */
  readonly count: number
  readonly tell: (line: string) => void
}

type Way = { readonly name: string; readonly callers: number; readonly store: StateStore }

type Run = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number }

/** Holding the two records of a pair, each caller another pair, with nothing done meanwhile. */
export async function measureExclusion({ rounds, count, tell }: Options): Promise<string> {
  const data = join(import.meta.dirname, '../../../data')
  await mkdir(data, { recursive: true })
  const dir = await mkdtemp(join(data, 'bench-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const stores = opened.use(await openBenchStores(tell))
  const embedded = opened.use(await openEmbeddedState({ dir, migrations }))
  const { DATABASE_URL: url } = await stores.makeSettings()
  const postgres = opened.use(await openPostgresState({ url, migrations }))
  const ways: readonly Way[] = [
    { name: 'embedded state, 1 caller', callers: 1, store: embedded },
    { name: 'embedded state, 100 callers', callers: 100, store: embedded },
    { name: 'PostgreSQL, 1 caller', callers: 1, store: postgres },
    { name: 'PostgreSQL, 100 callers', callers: 100, store: postgres },
  ]
  for (const way of ways) await hold(way, count)
  const runs = new Map<Way, Run[]>(ways.map((way) => [way, []]))
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`)
    for (const way of ways) runs.get(way)?.push(await hold(way, count))
  }
  const rows = [...runs].map(([{ name }, those]) => {
    const middle = (member: keyof Run) => median(those.map((run) => run[member]))
    return [
      name,
      middle('perSecond').toFixed(0),
      middle('p50Ms').toFixed(3),
      middle('p99Ms').toFixed(3),
    ]
  })
  return [
    `(f) Holding the two records of a pair, medians of ${rounds} rounds of ${count} holds.`,
    '    "ms": from asking to having, and with PostgreSQL the giving back, which nobody waits for, besides.',
    '',
    renderTable(['', 'holds/s', 'p50 ms', 'p99 ms'], rows),
  ].join('\n')
}

async function hold({ callers, store }: Way, count: number): Promise<Run> {
  const waits: number[] = []
  let left = count
  const call = async (pair: number) => {
    while (left-- > 0) {
      const asked = performance.now()
      await store.exclusively(
        [`workbooks:organisation:${pair}`, `outreach:account:${pair}`],
        () => {
          waits.push(performance.now() - asked)
          return Promise.resolve()
        },
      )
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: callers }, (_, pair) => call(pair)))
  return {
    perSecond: (waits.length / (performance.now() - began)) * 1_000,
    p50Ms: median(waits),
    p99Ms: quantile(waits, 0.99),
  }
}

import type { Statement, StateStore } from './state-store.ts'

export const hourMs = 3_600_000

export type CallCount = { readonly system: string; readonly lane: string; readonly count: number }

export type Calls = {
  /** Calls made in the hours from `since` (epoch ms) on. */
  readonly since: (system: string, since: number) => Promise<number>
}

export function makeCalls(store: Pick<StateStore, 'read'>): Calls {
  return {
    async since(system, since) {
      const [row] = await store.read({
        sql: `SELECT SUM(count) AS calls FROM calls WHERE system = $1 AND hour >= $2`,
        params: [system, Math.floor(since / hourMs)],
      })
      return Number(row?.['calls'] ?? 0)
    },
  }
}

export function addCalls({ system, lane, count }: CallCount, at: number): Statement {
  return {
    sql: `INSERT INTO calls (system, hour, lane, count) VALUES ($1, $2, $3, $4)
          ON CONFLICT (system, hour, lane) DO UPDATE SET count = calls.count + excluded.count`,
    params: [system, Math.floor(at / hourMs), lane, count],
  }
}

import type { Statement, StateStore } from './state-store.ts'

export const hourMs = 3_600_000

export type CallCount = { readonly system: string; readonly lane: string; readonly count: number }

export type Calls = {
  /** Calls made in the hours from `since` (epoch ms) on. */
  readonly since: (system: string, since: number) => Promise<number>
  /** The same, of each lane that made any. */
  readonly byLane: (system: string, since: number) => Promise<ReadonlyMap<string, number>>
}

/** A year of a yearly budget, epoch ms: from `from` until before `until`. */
export type BudgetYear = { readonly from: number; readonly until: number }

/**
 * The year that `now` (epoch ms) is in, counted from first connection (epoch s, as the fact has it), for
 * nobody tells us when that of the contract begins. Undefined before: what was called until then counts
 * as well.
 */
export function toBudgetYear(connectedSeconds: number | undefined, now: number): BudgetYear {
  const connectedAt = (connectedSeconds ?? Infinity) * 1_000
  if (connectedAt > now) return { from: 0, until: yearsAfter(now, 1) }
  const passed = new Date(now).getUTCFullYear() - new Date(connectedAt).getUTCFullYear()
  // The day itself may be still to come this year.
  const years = yearsAfter(connectedAt, passed) > now ? passed - 1 : passed
  // What made the connection was called in the hour before it.
  const from = years === 0 ? 0 : yearsAfter(connectedAt, years)
  return { from, until: yearsAfter(connectedAt, years + 1) }
}

function yearsAfter(at: number, years: number): number {
  const day = new Date(at)
  return day.setUTCFullYear(day.getUTCFullYear() + years)
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
    async byLane(system, since) {
      const rows = await store.read({
        sql: `SELECT lane, SUM(count) AS calls FROM calls WHERE system = $1 AND hour >= $2
              GROUP BY lane`,
        params: [system, Math.floor(since / hourMs)],
      })
      return new Map(rows.map(({ lane, calls }) => [String(lane), Number(calls)]))
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

/** Of years that are long over (epoch ms). */
export function removeCallsBefore(at: number): Statement {
  return { sql: `DELETE FROM calls WHERE hour < $1`, params: [Math.floor(at / hourMs)] }
}

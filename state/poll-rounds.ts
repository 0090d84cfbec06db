import type { System } from '../schemas/record-ref.ts'
import type { Statement, StateStore } from './state-store.ts'

/** The intervals of one system so far. */
export type PollRound = {
  readonly round: number
  /** Epoch ms. */
  readonly beganAt: number
}

/** An interval that somebody asked for, now. */
export type PollRequest = {
  readonly id: string
  readonly system: System
  /** Empty: every kind. */
  readonly kind: string
}

export type PollRounds = {
  /** Undefined before the first. */
  readonly last: (system: System) => Promise<PollRound | undefined>
  /** The oldest first. */
  readonly requests: () => Promise<readonly PollRequest[]>
}

/** When each system was polled last, and who asks for it now; the same for all processes. */
export function makePollRounds(store: Pick<StateStore, 'read'>): PollRounds {
  return {
    async last(system) {
      const [row] = await store.read({
        sql: `SELECT round, began_at FROM poll_rounds WHERE system = $1`,
        params: [system],
      })
      if (row === undefined) return undefined
      return { round: Number(row['round']), beganAt: Number(row['began_at']) }
    },
    async requests() {
      const rows = await store.read({
        sql: `SELECT id, system, kind FROM poll_requests ORDER BY at, id`,
      })
      return rows.map(({ id, system, kind }) => ({
        id: String(id),
        system: system === 'workbooks' ? 'workbooks' : 'outreach',
        kind: String(kind),
      }))
    },
  }
}

/** An interval of this system begins. */
export function beginRound(system: System, at: number): Statement {
  return {
    sql: `INSERT INTO poll_rounds (system, round, began_at) VALUES ($1, 1, $2)
          ON CONFLICT (system) DO UPDATE
            SET round = poll_rounds.round + 1, began_at = excluded.began_at`,
    params: [system, at],
  }
}

export function writeRequest({ id, system, kind }: PollRequest, at: number): Statement {
  return {
    sql: `INSERT INTO poll_requests (id, system, kind, at) VALUES ($1, $2, $3, $4)
          ON CONFLICT (id) DO NOTHING`,
    params: [id, system, kind, at],
  }
}

/** Theirs was done; what was asked for meanwhile stands. */
export function removeRequests(ids: readonly string[]): Statement {
  const marks = ids.map((_, index) => `$${index + 1}`).join(',')
  return { sql: `DELETE FROM poll_requests WHERE id IN (${marks})`, params: ids }
}

import type { Row, SqlValue, Statement, StateStore } from './state-store.ts'

/** What is brought: pairs that were linked before we came, or old records of Outreach without a partner. */
export type BackfillOf = 'linked' | 'unlinked'

/** `ordered`: nobody has counted it yet; `planned`: it was only counted. */
export type BackfillState = 'ordered' | 'planned' | 'running' | 'done' | 'stopped'

/** Many records that are asked for page by page, in the lowest lane (rulebook 3). */
export type Backfill = {
  readonly id: string
  readonly kind: string
  readonly of: BackfillOf
  readonly isPlan: boolean
  readonly state: BackfillState
  /** To be looked at, in all; null before they were counted. */
  readonly records: number | null
  /** Looked at so far. */
  readonly done: number
  /** Of both systems, as the whole is expected to take; null before it was counted. */
  readonly calls: number | null
  /** As it was expected before it began. */
  readonly seconds: number | null
  /** Opaque here. */
  readonly position: string
  /** Epoch ms, as every time here. */
  readonly orderedAt: number
  readonly beganAt: number | null
}

export type Backfills = {
  /** The newest first. */
  readonly list: (limit: number) => Promise<readonly Backfill[]>
  readonly byId: (id: string) => Promise<Backfill | undefined>
  /** Those that are not at their end, the oldest first. */
  readonly open: () => Promise<readonly Backfill[]>
}

export function makeBackfills(store: Pick<StateStore, 'read'>): Backfills {
  const read = async (statement: Statement) => (await store.read(statement)).map(toBackfill)
  return {
    list: (limit) =>
      read({
        sql: `SELECT * FROM backfills ORDER BY ordered_at DESC, id LIMIT $1`,
        params: [limit],
      }),
    byId: async (id) => {
      const [found] = await read({ sql: `SELECT * FROM backfills WHERE id = $1`, params: [id] })
      return found
    },
    open: () =>
      read({
        sql: `SELECT * FROM backfills WHERE state IN ('ordered', 'running') ORDER BY ordered_at, id`,
      }),
  }
}

/** The id of the one that meets a kind's old pairs: there is one for ever. */
export function firstConnectionOf(kind: string): string {
  return `first-connection-${kind}`
}

type Order = Pick<Backfill, 'id' | 'kind' | 'of' | 'isPlan'>

/**
 * Changes one row, or none where this very one was ordered before; breaks a constraint where another of
 * its kind is not at its end. `at`: epoch ms.
 */
export function orderBackfill({ id, kind, of, isPlan }: Order, at: number): Statement {
  return {
    sql: `INSERT INTO backfills (id, kind, what, is_plan, state, done, position, ordered_at, claimed_until)
          VALUES ($1, $2, $3, $4, 'ordered', 0, '', $5, 0) ON CONFLICT (id) DO NOTHING`,
    params: [id, kind, of, isPlan ? 1 : 0, at],
  }
}

type Claim = { readonly by: string; readonly now: number; readonly until: number }

/** Changes one row where nobody else has it; `until` is when a worker that died is given up. */
export function claimBackfill(id: string, { by, now, until }: Claim): Statement {
  return {
    sql: `UPDATE backfills SET claimed_by = $2, claimed_until = $3
          WHERE id = $1 AND state IN ('ordered', 'running') AND (claimed_by = $2 OR claimed_until < $4)`,
    params: [id, by, until, now],
  }
}

/** Changes one row where it is still this worker's, and nobody has stopped it. */
export function holdBackfill(id: string, { by, until }: Omit<Claim, 'now'>): Statement {
  return {
    sql: `UPDATE backfills SET claimed_until = $3
          WHERE id = $1 AND claimed_by = $2 AND state IN ('ordered', 'running')`,
    params: [id, by, until],
  }
}

/** What a worker has to say of its own; like `holdBackfill` it changes one row or none. */
export function moveBackfill(
  { id, state, records, done, calls, seconds, position, beganAt }: Backfill,
  { by, until }: Omit<Claim, 'now'>,
): Statement {
  return {
    sql: `UPDATE backfills SET state = $3, records = $4, done = $5, calls = $6, seconds = $7,
            position = $8, began_at = $9, claimed_until = $10
          WHERE id = $1 AND claimed_by = $2 AND state IN ('ordered', 'running')`,
    params: [id, by, state, records, done, calls, seconds, position, beganAt, until],
  }
}

/** Changes one row where there was something to stop. */
export function stopBackfill(id: string): Statement {
  return {
    sql: `UPDATE backfills SET state = 'stopped' WHERE id = $1 AND state IN ('ordered', 'running')`,
    params: [id],
  }
}

function toBackfill(row: Row): Backfill {
  return {
    id: String(row['id']),
    kind: String(row['kind']),
    // The table holds only what the statements of this file wrote.
    of: String(row['what']) as BackfillOf,
    isPlan: Number(row['is_plan']) === 1,
    state: String(row['state']) as BackfillState,
    records: toNumber(row['records']),
    done: Number(row['done']),
    calls: toNumber(row['calls']),
    seconds: toNumber(row['seconds']),
    position: String(row['position']),
    orderedAt: Number(row['ordered_at']),
    beganAt: toNumber(row['began_at']),
  }
}

function toNumber(raw: SqlValue | undefined): number | null {
  return raw === null || raw === undefined ? null : Number(raw)
}

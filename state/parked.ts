import type { Row, Statement, StateStore } from './state-store.ts'

/** A hint that waits in the state: its record failed, and holds back only itself (product 5.3). */
export type Parked = {
  readonly record: string
  readonly kind: string
  /** A sentence for people. */
  readonly reason: string
  /** What it waits for: `record`, `setup`, `delete-brake`, … Releasing by cause frees all of one kind. */
  readonly cause: string
  readonly attempts: number
  readonly since: number
  /** Epoch ms from which it is tried again. */
  readonly due: number
  /**
   * Grows with each change, so that whoever finishes it notices that more came meanwhile; begins with
   * the time, so that a row parked anew is not taken for the one before it.
   */
  readonly revision: number
  /** Opaque here. */
  readonly hint: string
}

export type ParkedRecords = {
  readonly byRecords: (records: readonly string[]) => Promise<readonly Parked[]>
  readonly count: (kind: string) => Promise<number>
}

export function makeParkedRecords(store: Pick<StateStore, 'read'>): ParkedRecords {
  return {
    async byRecords(records) {
      if (records.length === 0) return []
      const marks = records.map((_, index) => `$${index + 1}`).join(',')
      const rows = await store.read({
        sql: `SELECT * FROM parked WHERE record IN (${marks})`,
        params: records,
      })
      return rows.map(toParked)
    },
    async count(kind) {
      const [row] = await store.read({
        sql: `SELECT COUNT(*) AS parked FROM parked WHERE kind = $1`,
        params: [kind],
      })
      return Number(row?.['parked'] ?? 0)
    },
  }
}

/**
 * Writes a row where `before` is what still stands (undefined: nothing does). That it changes nothing
 * means that somebody else has changed it: read it again, or what they added would be lost.
 */
export function writeParked(
  parked: Parked,
  before: Pick<Parked, 'revision'> | undefined,
): Statement {
  const { record, kind, reason, cause, attempts, since, due, revision, hint } = parked
  if (before === undefined) {
    return {
      sql: `INSERT INTO parked (record, kind, reason, cause, attempts, since, due, revision, hint)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (record) DO NOTHING`,
      params: [record, kind, reason, cause, attempts, since, due, revision, hint],
    }
  }
  return {
    sql: `UPDATE parked SET reason = $2, cause = $3, attempts = $4, due = $5, revision = revision + 1, hint = $7
          WHERE record = $1 AND revision = $6`,
    params: [record, reason, cause, attempts, due, before.revision, hint],
  }
}

/** Takes it away unless something was added to it since `revision`. */
export function removeParked(record: string, revision: number): Statement {
  return {
    sql: `DELETE FROM parked WHERE record = $1 AND revision = $2`,
    params: [record, revision],
  }
}

/** Whatever waits for this cause is tried again at `now`. */
export function releaseParked(kind: string, cause: string, now: number): Statement {
  return {
    sql: `UPDATE parked SET due = $3 WHERE kind = $1 AND cause = $2 AND due > $3`,
    params: [kind, cause, now],
  }
}

export function toParked(row: Row): Parked {
  return {
    record: String(row['record']),
    kind: String(row['kind']),
    reason: String(row['reason']),
    cause: String(row['cause']),
    attempts: Number(row['attempts']),
    since: Number(row['since']),
    due: Number(row['due']),
    revision: Number(row['revision']),
    hint: String(row['hint']),
  }
}

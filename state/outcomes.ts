import type { Statement, StateStore } from './state-store.ts'

export type StoredOutcome = {
  /** Sorts by time: `<epoch ms, padded>-<random>`. */
  readonly id: string
  readonly at: number
  /** The records of the pair, as far as they are known: it is found from either. */
  readonly records: readonly string[]
  /** Opaque here. */
  readonly body: string
}

export type Outcomes = {
  /** Newest first. */
  readonly byRecord: (record: string, limit: number) => Promise<readonly string[]>
  /** Oldest first, ids greater than `after`. */
  readonly since: (after: string, limit: number) => Promise<readonly { id: string; body: string }[]>
}

/** What was done about each record, and why (product 4). */
export function makeOutcomes(store: Pick<StateStore, 'read'>): Outcomes {
  return {
    async byRecord(record, limit) {
      const rows = await store.read({
        sql: `SELECT o.body FROM outcome_records r JOIN outcomes o ON o.id = r.id
              WHERE r.record = $1 ORDER BY r.id DESC LIMIT $2`,
        params: [record, limit],
      })
      return rows.map((row) => String(row['body']))
    },
    async since(after, limit) {
      const rows = await store.read({
        sql: `SELECT id, body FROM outcomes WHERE id > $1 ORDER BY id LIMIT $2`,
        params: [after, limit],
      })
      return rows.map((row) => ({ id: String(row['id']), body: String(row['body']) }))
    },
  }
}

export function writeOutcome({ id, at, records, body }: StoredOutcome): readonly Statement[] {
  return [
    { sql: `INSERT INTO outcomes (id, at, body) VALUES ($1, $2, $3)`, params: [id, at, body] },
    ...[...new Set(records)].map((record) => ({
      sql: `INSERT INTO outcome_records (record, id, at) VALUES ($1, $2, $3)`,
      params: [record, id, at],
    })),
  ]
}

export function removeOutcomesBefore(at: number): readonly Statement[] {
  return [
    { sql: `DELETE FROM outcomes WHERE at < $1`, params: [at] },
    { sql: `DELETE FROM outcome_records WHERE at < $1`, params: [at] },
  ]
}

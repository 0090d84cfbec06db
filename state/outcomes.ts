import type { Statement, StateStore } from './state-store.ts'

export type StoredOutcome = {
  /** Sorts by time: `<epoch ms, padded>-<random>`. */
  readonly id: string
  readonly at: number
  /** The record that the hint was about: its key on `sync.outcome`. */
  readonly record: string
  /** The records of the pair, as far as they are known: it is found from either. */
  readonly records: readonly string[]
  /** Opaque here. */
  readonly body: string
}

export type Outcomes = {
  /** Newest first. */
  readonly byRecord: (record: string, limit: number) => Promise<readonly string[]>
  /** Of those written until `until` (epoch ms), oldest first: a crash came between the state and the log. */
  readonly unpublished: (
    until: number,
    limit: number,
  ) => Promise<readonly { id: string; record: string; body: string }[]>
  /** Those of `ids` that are not on `sync.outcome` yet. */
  readonly whichUnpublished: (ids: readonly string[]) => Promise<ReadonlySet<string>>
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
    async unpublished(until, limit) {
      const rows = await store.read({
        sql: `SELECT id, record, body FROM outcomes WHERE published = 0 AND at <= $1 ORDER BY id LIMIT $2`,
        params: [until, limit],
      })
      return rows.map((row) => ({
        id: String(row['id']),
        record: String(row['record']),
        body: String(row['body']),
      }))
    },
    async whichUnpublished(ids) {
      const marks = ids.map((_, index) => `$${index + 1}`).join(',')
      const rows = await store.read({
        sql: `SELECT id FROM outcomes WHERE published = 0 AND id IN (${marks})`,
        params: ids,
      })
      return new Set(rows.map((row) => String(row['id'])))
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

/** Of how many of these records something was told since then (epoch ms). */
export async function countTold(
  store: Pick<StateStore, 'read'>,
  { records, since }: { readonly records: readonly string[]; readonly since: number },
): Promise<number> {
  const marks = records.map((_, index) => `$${index + 2}`).join(',')
  const [row] = await store.read({
    sql: `SELECT COUNT(DISTINCT record) AS told FROM outcome_records
          WHERE at >= $1 AND record IN (${marks})`,
    params: [since, ...records],
  })
  return Number(row?.['told'] ?? 0)
}

/** A second try, after an answer that was lost, changes nothing. */
export function writeOutcome(outcome: StoredOutcome): readonly Statement[] {
  const { id, at, record, records, body } = outcome
  return [
    {
      sql: `INSERT INTO outcomes (id, at, record, published, body) VALUES ($1, $2, $3, 0, $4)
            ON CONFLICT (id) DO NOTHING`,
      params: [id, at, record, body],
    },
    ...[...new Set(records)].map((record) => ({
      sql: `INSERT INTO outcome_records (record, id, at) VALUES ($1, $2, $3)
            ON CONFLICT (record, id) DO NOTHING`,
      params: [record, id, at],
    })),
  ]
}

/** They stand on `sync.outcome`. */
export function markPublished(ids: readonly string[]): Statement {
  const marks = ids.map((_, index) => `$${index + 1}`).join(',')
  return { sql: `UPDATE outcomes SET published = 1 WHERE id IN (${marks})`, params: ids }
}

export function removeOutcomesBefore(at: number): readonly Statement[] {
  return [
    { sql: `DELETE FROM outcomes WHERE at < $1`, params: [at] },
    { sql: `DELETE FROM outcome_records WHERE at < $1`, params: [at] },
  ]
}

import type { Row, Statement, StateStore } from './state-store.ts'

/** What a pair is now; only `linked` pairs are kept in step. */
export type PairStatus = 'linked' | 'closed' | 'forgotten'

/** Why a pair was closed (rulebook 11). */
export type ClosedWhy =
  'workbooks gone' | 'outreach gone' | 'we deleted workbooks' | 'we deleted outreach'

export type Pair = {
  readonly kind: string
  readonly workbooksId: string
  readonly outreachId: string
  readonly status: PairStatus
  readonly closedWhy: ClosedWhy | null
  /** Which record was made by us from the other one. */
  readonly madeFrom: 'workbooks' | 'outreach' | 'neither'
  /** Whether the Outreach Id was ever read on the Workbooks record (rulebook 4: cleared by a person). */
  readonly idSeen: boolean
  /** What the sync knows of it; opaque here. */
  readonly memory: string
}

export type PairSide = 'workbooks' | 'outreach'

export const columnOf = { workbooks: 'workbooks_id', outreach: 'outreach_id' } as const

export type Pairs = {
  /** Every pair, whatever its status, that one of these records is or was in, newest first. */
  readonly byRecords: (
    kind: string,
    side: PairSide,
    ids: readonly string[],
  ) => Promise<readonly Pair[]>
  /** Linked pairs, and those of them with a field that stands apart since first connection. */
  readonly count: (kind: string) => Promise<{ readonly pairs: number; readonly apart: number }>
}

/** Pairs of records, and what happened to each. */
export function makePairs(store: Pick<StateStore, 'read'>): Pairs {
  return {
    async byRecords(kind, side, ids) {
      if (ids.length === 0) return []
      const marks = ids.map((_, index) => `$${index + 2}`).join(',')
      const rows = await store.read({
        sql: `SELECT * FROM pairs WHERE kind = $1 AND ${columnOf[side]} IN (${marks}) ORDER BY changed_at DESC`,
        params: [kind, ...ids],
      })
      return rows.map(toPair)
    },

    async count(kind) {
      const rows = await store.read({
        sql: `SELECT COUNT(*) AS pairs,
                SUM(CASE WHEN memory LIKE '%"apart":true%' THEN 1 ELSE 0 END) AS apart
              FROM pairs WHERE kind = $1 AND status = 'linked'`,
        params: [kind],
      })
      return { pairs: Number(rows[0]?.['pairs'] ?? 0), apart: Number(rows[0]?.['apart'] ?? 0) }
    },
  }
}

/** Linked pairs of a kind; unlike `Pairs.count` it reads an index alone, and may be asked often. */
export async function countLinked(store: Pick<StateStore, 'read'>, kind: string): Promise<number> {
  const [row] = await store.read({
    sql: `SELECT COUNT(*) AS pairs FROM pairs WHERE kind = $1 AND status = 'linked'`,
    params: [kind],
  })
  return Number(row?.['pairs'] ?? 0)
}

/** Linked pairs by their Workbooks id, as text, after this one; empty: from the first. */
export async function readLinkedAfter(
  store: Pick<StateStore, 'read'>,
  { kind, after, limit }: { readonly kind: string; readonly after: string; readonly limit: number },
): Promise<readonly Pair[]> {
  const rows = await store.read({
    sql: `SELECT * FROM pairs WHERE kind = $1 AND status = 'linked' AND workbooks_id > $2
          ORDER BY workbooks_id LIMIT $3`,
    params: [kind, after, limit],
  })
  return rows.map(toPair)
}

/** Inserts the pair or overwrites what stood. Breaks a constraint where a record has another partner. */
export function writePair(pair: Pair, at: number): Statement {
  return {
    sql: `INSERT INTO pairs (kind, workbooks_id, outreach_id, status, closed_why, made_from, id_seen, memory, changed_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
          ON CONFLICT (kind, workbooks_id, outreach_id) DO UPDATE SET status = excluded.status,
            closed_why = excluded.closed_why, made_from = excluded.made_from, id_seen = excluded.id_seen,
            memory = excluded.memory, changed_at = excluded.changed_at`,
    params: [
      pair.kind,
      pair.workbooksId,
      pair.outreachId,
      pair.status,
      pair.closedWhy,
      pair.madeFrom,
      pair.idSeen ? 1 : 0,
      pair.memory,
      at,
    ],
  }
}

function toPair(row: Row): Pair {
  return {
    kind: String(row['kind']),
    workbooksId: String(row['workbooks_id']),
    outreachId: String(row['outreach_id']),
    // The table holds only what `writePair` wrote.
    status: String(row['status']) as PairStatus,
    closedWhy: row['closed_why'] === null ? null : (String(row['closed_why']) as ClosedWhy),
    madeFrom: String(row['made_from']) as Pair['madeFrom'],
    idSeen: Number(row['id_seen']) === 1,
    memory: String(row['memory']),
  }
}

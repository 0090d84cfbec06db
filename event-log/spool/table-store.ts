import type { Entry } from '../event-log.ts'
import { packEntry, unpackEntry } from './pack-entry.ts'
import type { Held } from './spool.ts'

type SqlValue = string | number | bigint | null
type Row = Readonly<Record<string, SqlValue>>
type Statement = { readonly sql: string; readonly params?: readonly SqlValue[] }

/** What the spool needs of the state; the two rooms do not know each other. */
export type TableStore = {
  readonly read: (statement: Statement) => Promise<readonly Row[]>
  readonly write: (
    statements: readonly Statement[],
  ) => Promise<readonly { readonly changes: number }[]>
}

/** One entry of a table: base64, for text there may not hold every byte. */
export type SpoolRow = { readonly sequence: number; readonly bytes: number; readonly body: string }

export function toBody(entry: Entry): string {
  return Buffer.from(packEntry(entry)).toString('base64')
}

export function toHeldEntry(owner: string, row: Row): Held {
  return {
    ...unpackEntry(Buffer.from(String(row['body']), 'base64')),
    ticket: toTicket(owner, Number(row['sequence'])),
    heldAt: Number(row['held_at']),
  }
}

export const toTicket = (owner: string, sequence: number) => `${owner}/${sequence}`
export const sequenceOf = ({ ticket }: Held) => Number(ticket.slice(ticket.lastIndexOf('/') + 1))

const marksOf = (values: readonly number[], first: number) =>
  values.map((_, index) => `$${first + index}`).join(', ')

/** The table of migration `0005-spool` (state/schema.ts). */
export const spoolSql = {
  insert: (owner: string, rows: readonly SpoolRow[], heldAt: number): Statement => ({
    sql: `INSERT INTO spool (owner, sequence, held_at, bytes, body) VALUES ${rows
      .map((_, index) => `($1, $${3 * index + 3}, $2, $${3 * index + 4}, $${3 * index + 5})`)
      .join(', ')}`,
    params: [
      owner,
      heldAt,
      ...rows.flatMap(({ sequence, bytes, body }) => [sequence, bytes, body]),
    ],
  }),
  page: (owner: string, after: number, limit: number): Statement => ({
    sql: `SELECT sequence, held_at, body FROM spool WHERE owner = $1 AND sequence > $2
          ORDER BY sequence LIMIT $3`,
    params: [owner, after, limit],
  }),
  forget: (owner: string, upTo: number): Statement => ({
    sql: 'DELETE FROM spool WHERE owner = $1 AND sequence <= $2',
    params: [owner, upTo],
  }),
  status: (owner: string): Statement => ({
    sql: `SELECT count(*) AS events, min(held_at) AS oldest FROM spool WHERE owner = $1`,
    params: [owner],
  }),
  /** The `seen_at` of an owner that nobody has any more: it is for the next that looks. */
  nobody: 0,
  /** Changes a row only where one of `from` stands there. */
  sign: (owner: string, from: readonly number[], seenAt: number): Statement => ({
    sql: `UPDATE spool_owners SET seen_at = $2 WHERE owner = $1 AND seen_at IN (${marksOf(from, 3)})`,
    params: [owner, seenAt, ...from],
  }),
  begin: (owner: string, seenAt: number): Statement => ({
    sql: `INSERT INTO spool_owners (owner, seen_at) VALUES ($1, $2) ON CONFLICT (owner) DO NOTHING`,
    params: [owner, seenAt],
  }),
  removeIfEmpty: (owner: string, from: readonly number[]): Statement => ({
    sql: `DELETE FROM spool_owners WHERE owner = $1 AND seen_at IN (${marksOf(from, 2)})
          AND NOT EXISTS (SELECT 1 FROM spool WHERE owner = $1)`,
    params: [owner, ...from],
  }),
  owners: {
    sql: 'SELECT owner, seen_at FROM spool_owners ORDER BY seen_at, owner',
  } satisfies Statement,
  setAside: (held: Held, why: string, at: number): Statement => ({
    sql: `INSERT INTO spool_aside (id, at, why, body) VALUES ($1, $2, $3, $4)
          ON CONFLICT (id) DO NOTHING`,
    params: [held.ticket, at, why, toBody(held)],
  }),
  setAsideCount: { sql: 'SELECT count(*) AS events FROM spool_aside' } satisfies Statement,
} as const

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
  readonly exclusively: <Result>(
    keys: readonly string[],
    work: (held: AbortSignal) => Promise<Result>,
  ) => Promise<Result>
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
  /** Of every process: what is still alive says so again and again. */
  sign: (owner: string, seenAt: number): Statement => ({
    sql: `INSERT INTO spool_owners (owner, seen_at) VALUES ($1, $2)
          ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at`,
    params: [owner, seenAt],
  }),
  /** For the next that looks: nobody has it any more. */
  release: (owner: string): Statement => ({
    sql: 'UPDATE spool_owners SET seen_at = 0 WHERE owner = $1',
    params: [owner],
  }),
  removeIfEmpty: (owner: string): Statement => ({
    sql: `DELETE FROM spool_owners
          WHERE owner = $1 AND NOT EXISTS (SELECT 1 FROM spool WHERE owner = $1)`,
    params: [owner],
  }),
  dead: (seenBefore: number): Statement => ({
    sql: 'SELECT owner FROM spool_owners WHERE seen_at < $1 ORDER BY seen_at, owner',
    params: [seenBefore],
  }),
  setAside: (held: Held, why: string, at: number): Statement => ({
    sql: `INSERT INTO spool_aside (id, at, why, body) VALUES ($1, $2, $3, $4)
          ON CONFLICT (id) DO NOTHING`,
    params: [held.ticket, at, why, toBody(held)],
  }),
  setAsideCount: { sql: 'SELECT count(*) AS events FROM spool_aside' } satisfies Statement,
} as const

import type { RecordParts, System } from '../schemas/record-ref.ts'
import type { SqlValue, Statement, StateStore } from './state-store.ts'

/** Workbooks' `lock_version`, or an Outreach record's fingerprint. Compared for being equal only. */
export type RecordVersion = RecordParts & { readonly version: string }

export type KnownVersion = {
  /** What the sync last read and acted on, or made. */
  readonly handled: string | null
  /** What a poller last put in the log, where the sync has handled nothing of the record since. */
  readonly published: string | null
}

export type Versions = {
  /** By id; a record of which nothing is known has no entry. */
  readonly read: (
    system: System,
    type: string,
    ids: readonly string[],
  ) => Promise<ReadonlyMap<string, KnownVersion>>
}

/** Rows of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const most = 1_000

export function makeVersions(store: Pick<StateStore, 'read'>): Versions {
  return {
    async read(system, type, ids) {
      const known = new Map<string, KnownVersion>()
      for (const some of inChunks([...new Set(ids)])) {
        const marks = some.map((_, index) => `$${index + 3}`).join(',')
        const rows = await store.read({
          sql: `SELECT id, handled, published FROM versions
                WHERE system = $1 AND type = $2 AND id IN (${marks})`,
          params: [system, type, ...some],
        })
        for (const { id, handled, published } of rows) {
          known.set(String(id), { handled: toVersion(handled), published: toVersion(published) })
        }
      }
      return known
    },
  }
}

/**
 * The sync has handled these; `at`: epoch ms. Takes back what was published of them: a record that
 * changes and changes back has the version that was published before, and must be found again.
 */
export function writeHandled(list: readonly RecordVersion[], at: number): readonly Statement[] {
  return toWrites(list, at).map(({ rows, params }) => ({
    sql: `INSERT INTO versions (system, type, id, handled, at) VALUES ${rows}
          ON CONFLICT (system, type, id) DO UPDATE
            SET handled = excluded.handled, published = NULL, at = excluded.at`,
    params,
  }))
}

/** A poller has put these in the log; `at`: epoch ms. */
export function writePublished(list: readonly RecordVersion[], at: number): readonly Statement[] {
  return toWrites(list, at).map(({ rows, params }) => ({
    sql: `INSERT INTO versions (system, type, id, published, at) VALUES ${rows}
          ON CONFLICT (system, type, id) DO UPDATE
            SET published = excluded.published, at = excluded.at`,
    params,
  }))
}

type Write = { readonly rows: string; readonly params: readonly SqlValue[] }

/** In one order, so that two transactions never wait for each other in a circle; the last of a record stands. */
function toWrites(list: readonly RecordVersion[], at: number): readonly Write[] {
  const byKey = new Map(list.map((one) => [`${one.system}:${one.type}:${one.id}`, one] as const))
  const ordered = [...byKey.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, version]) => version)
  return inChunks(ordered).map((some) => ({
    rows: some.map((_, row) => marksOf(row)).join(', '),
    params: some.flatMap(({ system, type, id, version }) => [system, type, id, version, at]),
  }))
}

const columns = 5

function marksOf(row: number): string {
  const marks = Array.from({ length: columns }, (_, column) => `$${row * columns + column + 1}`)
  return `(${marks.join(',')})`
}

function inChunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const chunks = Math.ceil(items.length / most)
  return Array.from({ length: chunks }, (_, index) => items.slice(index * most, (index + 1) * most))
}

function toVersion(raw: SqlValue | undefined): string | null {
  return raw === null || raw === undefined ? null : String(raw)
}

import type { RecordParts, System } from '../schemas/record-ref.ts'
import type { SqlValue, Statement, StateStore } from './state-store.ts'

/** Workbooks' `lock_version`, or an Outreach record's fingerprint. Compared for being equal only. */
export type RecordVersion = RecordParts & { readonly version: string }

export type KnownVersion = {
  /** What the sync last read and acted on, or made. */
  readonly handled: string | null
  /** What a poller last put in the log, where the sync has handled nothing of the record since. */
  readonly published: string | null
  /** How often the sync has handled it. */
  readonly handlings: number
}

/** What a poller put in the log, and how often the record had been handled as it compared it. */
export type PublishedVersion = RecordVersion & Pick<KnownVersion, 'handlings'>

export type Versions = {
  /** By id; a record of which nothing is known has no entry. */
  readonly read: (
    system: System,
    type: string,
    ids: readonly string[],
  ) => Promise<ReadonlyMap<string, KnownVersion>>
}

/** For how long the log is sure to hold what was put in it. */
export type Lapse = { readonly afterMs: number; readonly now: () => number }

/** Rows of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const most = 1_000

/** What was published longer ago than `lapse` says counts as not published: the log may have lost it. */
export function makeVersions(store: Pick<StateStore, 'read'>, lapse?: Lapse): Versions {
  return {
    async read(system, type, ids) {
      const known = new Map<string, KnownVersion>()
      const lapsed = lapse === undefined ? Number.NEGATIVE_INFINITY : lapse.now() - lapse.afterMs
      for (const some of inChunks([...new Set(ids)])) {
        const marks = some.map((_, index) => `$${index + 3}`).join(',')
        const rows = await store.read({
          sql: `SELECT id, handled, published, at, handlings FROM versions
                WHERE system = $1 AND type = $2 AND id IN (${marks})`,
          params: [system, type, ...some],
        })
        for (const { id, handled, published, at, handlings } of rows) {
          known.set(String(id), {
            handled: toVersion(handled),
            published: Number(at) < lapsed ? null : toVersion(published),
            handlings: Number(handlings),
          })
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
  return inChunks(inOrder(list)).map((some) => ({
    sql: `INSERT INTO versions (system, type, id, handled, at, handlings)
          VALUES ${marksOf(some.length, 6)}
          ON CONFLICT (system, type, id) DO UPDATE
            SET handled = excluded.handled, published = NULL, at = excluded.at,
                handlings = versions.handlings + 1`,
    params: some.flatMap(({ system, type, id, version }) => [system, type, id, version, at, 1]),
  }))
}

/**
 * A poller has put these in the log; `at`: epoch ms. Of a record that was handled since it was compared
 * nothing is noted: the sync may have read it after somebody changed it again, and a change back would
 * never be found.
 */
export function writePublished(
  list: readonly PublishedVersion[],
  at: number,
): readonly Statement[] {
  return inChunks(inOrder(list)).map((some) => ({
    sql: `INSERT INTO versions (system, type, id, published, at, handlings)
          VALUES ${marksOf(some.length, 6)}
          ON CONFLICT (system, type, id) DO UPDATE
            SET published = excluded.published, at = excluded.at
            WHERE versions.handlings = excluded.handlings`,
    params: some.flatMap(({ system, type, id, version, handlings }) => {
      return [system, type, id, version, at, handlings]
    }),
  }))
}

/** In one order, so that two transactions never wait for each other in a circle; the last of a record stands. */
function inOrder<Version extends RecordVersion>(list: readonly Version[]): readonly Version[] {
  const byKey = new Map(list.map((one) => [`${one.system}:${one.type}:${one.id}`, one] as const))
  return [...byKey.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, version]) => version)
}

function marksOf(rows: number, columns: number): string {
  const marksFrom = (first: number) =>
    Array.from({ length: columns }, (_, column) => `$${first + column}`).join(',')
  return Array.from({ length: rows }, (_, row) => `(${marksFrom(row * columns + 1)})`).join(', ')
}

function inChunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const chunks = Math.ceil(items.length / most)
  return Array.from({ length: chunks }, (_, index) => items.slice(index * most, (index + 1) * most))
}

function toVersion(raw: SqlValue | undefined): string | null {
  return raw === null || raw === undefined ? null : String(raw)
}

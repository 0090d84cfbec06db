import type { Row, SqlValue, Statement, StateStore } from './state-store.ts'

/** A sender told of a change. */
export type Announcement = {
  /** Names the event, whatever it is; one that came twice counts once. */
  readonly id: string
  /** Which list of which system the record is in: `outreach.emailAddress`. */
  readonly resource: string
  readonly record: string
  /** When it changed, epoch s, by the sender's clock. */
  readonly at: number
  /** Workbooks' `lock_version`, where it was told. */
  readonly version: number | null
  /** When the log took it, epoch ms. */
  readonly keptAt: number
}

/** A poller found a change that was not handled. */
export type Find = {
  readonly resource: string
  readonly record: string
  readonly version: string
  /** Epoch s, by the system's clock. */
  readonly changedAt: number
  /** Epoch ms. */
  readonly foundAt: number
}

/** What an announcement says of the change. */
export type Told = Pick<Announcement, 'at' | 'version'>

/** What became of a find; `delayMs`: from the change to the find. */
export type Verdict = { readonly isMissed: boolean; readonly delayMs: number }

/** One hour (whole hours since the epoch) of one resource. */
export type HourOfMisses = {
  readonly resource: string
  readonly hour: number
  /** Changes that the sender announced in time. */
  readonly announced: number
  /** Changes that only a poller told. */
  readonly found: number
  readonly longestDelayMs: number
}

export type Misses = {
  /** Found until `until` (epoch ms) and not judged yet, the oldest first. */
  readonly undecided: (until: number, limit: number) => Promise<readonly Find[]>
  /** What was announced of these records, of changes from `since` (epoch s) on; by `<resource> <record>`. */
  readonly announced: (
    records: readonly string[],
    since: number,
  ) => Promise<ReadonlyMap<string, readonly Told[]>>
  /** From `since` (epoch ms) on. */
  readonly byHour: (since: number) => Promise<readonly HourOfMisses[]>
}

/** How reliable the senders are: what they announced, and what had to be found without them. */
export function makeMisses(store: Pick<StateStore, 'read'>): Misses {
  return {
    async undecided(until, limit) {
      const rows = await store.read({
        sql: `SELECT resource, record, version, changed_at, found_at FROM finds
              WHERE missed IS NULL AND found_at <= $1 ORDER BY found_at LIMIT $2`,
        params: [until, limit],
      })
      return rows.map((row) => ({
        resource: String(row['resource']),
        record: String(row['record']),
        version: String(row['version']),
        changedAt: Number(row['changed_at']),
        foundAt: Number(row['found_at']),
      }))
    },
    async announced(records, since) {
      const marks = records.map((_, index) => `$${index + 2}`).join(',')
      const rows =
        records.length === 0
          ? []
          : await store.read({
              sql: `SELECT resource, record, at, version FROM announcements
                    WHERE at >= $1 AND record IN (${marks})`,
              params: [since, ...records],
            })
      const told = new Map<string, Told[]>()
      for (const row of rows) {
        const key = `${String(row['resource'])} ${String(row['record'])}`
        const list = told.get(key) ?? []
        list.push({ at: Number(row['at']), version: toNumber(row['version']) })
        told.set(key, list)
      }
      return told
    },
    async byHour(since) {
      const [announced, found] = await Promise.all([
        // What was announced after it had been judged as missed is no second change.
        store.read({
          sql: `SELECT resource, kept_at / 3600000 AS hour, COUNT(*) AS announced
                FROM announcements a WHERE kept_at >= $1 AND NOT EXISTS (
                  SELECT 1 FROM finds f WHERE f.resource = a.resource AND f.record = a.record
                    AND f.missed = 1 AND f.decided_at <= a.kept_at AND f.changed_at >= a.at)
                GROUP BY resource, kept_at / 3600000`,
          params: [since],
        }),
        store.read({
          sql: `SELECT resource, found_at / 3600000 AS hour, COUNT(*) AS found,
                  MAX(delay_ms) AS longest
                FROM finds WHERE missed = 1 AND found_at >= $1
                GROUP BY resource, found_at / 3600000`,
          params: [since],
        }),
      ])
      return toHours(announced, found)
    },
  }
}

function toHours(announced: readonly Row[], found: readonly Row[]): readonly HourOfMisses[] {
  const hours = new Map<string, HourOfMisses>()
  for (const row of [...announced, ...found]) {
    const resource = String(row['resource'])
    const hour = Number(row['hour'])
    const key = `${resource} ${hour}`
    const known = hours.get(key)
    hours.set(key, {
      resource,
      hour,
      announced: (known?.announced ?? 0) + Number(row['announced'] ?? 0),
      found: (known?.found ?? 0) + Number(row['found'] ?? 0),
      longestDelayMs: Math.max(known?.longestDelayMs ?? 0, Number(row['longest'] ?? 0)),
    })
  }
  return [...hours.values()].sort(
    (one, two) => one.resource.localeCompare(two.resource) || one.hour - two.hour,
  )
}

/** Rows of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const most = 1_000

/** Each answers a row `{ resource }` for every announcement that is new. */
export function writeAnnouncements(list: readonly Announcement[]): readonly Statement[] {
  const rows = list.map(({ id, resource, record, at, version, keptAt }) => [
    id,
    resource,
    record,
    at,
    version,
    keptAt,
  ])
  return toWrites(rows).map(({ rows, params }) => ({
    sql: `INSERT INTO announcements (id, resource, record, at, version, kept_at) VALUES ${rows}
          ON CONFLICT (id) DO NOTHING RETURNING resource`,
    params,
  }))
}

/** A change that is found again, before it was handled, stays found when it was first. */
export function writeFinds(list: readonly Find[]): readonly Statement[] {
  const rows = list.map(({ resource, record, version, changedAt, foundAt }) => [
    resource,
    record,
    version,
    changedAt,
    foundAt,
  ])
  return toWrites(rows).map(({ rows, params }) => ({
    sql: `INSERT INTO finds (resource, record, version, changed_at, found_at) VALUES ${rows}
          ON CONFLICT (resource, record, version, changed_at) DO NOTHING`,
    params,
  }))
}

/** Changes nothing where somebody has judged already. `at`: epoch ms. */
export function writeVerdict(find: Find, { isMissed, delayMs }: Verdict, at: number): Statement {
  const { resource, record, version, changedAt } = find
  return {
    sql: `UPDATE finds SET missed = $1, delay_ms = $2, decided_at = $3
          WHERE resource = $4 AND record = $5 AND version = $6 AND changed_at = $7
            AND missed IS NULL`,
    params: [isMissed ? 1 : 0, Math.round(delayMs), at, resource, record, version, changedAt],
  }
}

/** `at`: epoch ms. */
export function removeMissesBefore(at: number): readonly Statement[] {
  return [
    { sql: `DELETE FROM announcements WHERE kept_at < $1`, params: [at] },
    { sql: `DELETE FROM finds WHERE found_at < $1`, params: [at] },
  ]
}

type Write = { readonly rows: string; readonly params: readonly SqlValue[] }

/** In one order, so that two transactions never wait for each other in a circle. */
function toWrites(list: readonly (readonly SqlValue[])[]): readonly Write[] {
  const keyed = list.map((values) => [values.slice(0, 4).join(' '), values] as const)
  const ordered = keyed.sort(([one], [two]) => (one < two ? -1 : 1)).map(([, values]) => values)
  return Array.from({ length: Math.ceil(ordered.length / most) }, (_, chunk) => {
    const some = ordered.slice(chunk * most, (chunk + 1) * most)
    const rows = some.map((values, row) => {
      const marks = values.map((_, column) => `$${row * values.length + column + 1}`)
      return `(${marks.join(',')})`
    })
    return { rows: rows.join(', '), params: some.flat() }
  })
}

function toNumber(raw: SqlValue | undefined): number | null {
  return raw === null || raw === undefined ? null : Number(raw)
}

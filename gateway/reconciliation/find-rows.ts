import { isBlank, readTime } from '../../clients/workbooks/wire-values.ts'
import type { WorkbooksRecord } from '../../clients/workbooks/workbooks-client.ts'
import type { Polling } from '../../schemas/polling.ts'
import { toRecordRef } from '../../schemas/record-ref.ts'
import { versionOfRow } from '../../schemas/row-version.ts'
import type { PublishedVersion, Versions } from '../../state/versions.ts'
import { normaliseRow } from '../workbooks/normalise-row.ts'
import type { Found } from './found.ts'

/** Epoch seconds of a row's last change, by Workbooks' clock; 0 where it does not say. */
export function timeOfRow({ columns }: WorkbooksRecord): number {
  return Math.floor((readTime(columns['updated_at']) ?? 0) / 1000)
}

/** Not linked yet, and still there. */
export function isUnlinked({ workbooks }: Polling, row: WorkbooksRecord): boolean {
  return !row.isDeleted && isBlank(row.columns[workbooks.columns.outreachId])
}

export type NewRow = { readonly row: WorkbooksRecord; readonly version: PublishedVersion }

/** Those whose version is neither handled nor in the log, each once. */
export async function onlyNews(
  versions: Versions,
  { workbooks: { type } }: Polling,
  rows: readonly WorkbooksRecord[],
): Promise<readonly NewRow[]> {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const known = await versions.read('workbooks', type, [...byId.keys()])
  return [...byId.values()].flatMap((row) => {
    const version = versionOfRow(row)
    const { handled, published, handlings = 0 } = known.get(row.id) ?? {}
    if (version === handled || version === published) return []
    return [{ row, version: { system: 'workbooks', type, id: row.id, version, handlings } }]
  })
}

type As = {
  /** One of so many that they must not stand in the way of others (rulebook 3). */
  readonly isBulk: (row: WorkbooksRecord) => boolean
  readonly foundAt: number
  readonly traceparent: () => string
}

export function toFoundRow(
  { workbooks }: Polling,
  { row, version }: NewRow,
  { isBulk, foundAt, traceparent }: As,
): readonly Found[] {
  const { type } = workbooks
  const origin = isBulk(row) ? 'backfill' : 'reconciliation'
  const named = { resource: type, origin, foundAt, traceparent: traceparent() } as const
  const entry = normaliseRow(row, named)
  if (entry === undefined) return []
  return [
    {
      ref: toRecordRef(version),
      resource: type,
      version: version.version,
      published: [version],
      changedAt: timeOfRow(row),
      foundAt,
      entry,
    },
  ]
}

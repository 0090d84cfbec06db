import type { Call, Found as Read } from '../../../clients/call.ts'
import type { OutreachClient, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksClient,
  WorkbooksRecord,
} from '../../../clients/workbooks/workbooks-client.ts'
import type { Polling, PolledResource } from '../../../schemas/polling.ts'
import { toRecordRef } from '../../../schemas/record-ref.ts'
import type { Pair } from '../../../state/pairs.ts'
import type { Versions } from '../../../state/versions.ts'
import { onlyNewRecords, toFoundRecords } from '../find-records.ts'
import { onlyNews, toFoundRow } from '../find-rows.ts'
import type { Found } from '../found.ts'
import { sweepSets } from './sweep-sets.ts'

type Deps = {
  readonly outreach: Pick<OutreachClient, 'readMany' | 'search' | 'isOAuth'>
  readonly workbooks: Pick<WorkbooksClient, 'readMany'>
  readonly versions: Versions
  readonly traceparent: () => string
  readonly now: () => number
}

type Asked = { readonly polling: Polling; readonly pairs: readonly Pair[]; readonly call: Call }

/** Read of a row that Workbooks shows to nobody, or not to us: told apart from every version that it had. */
const unseenVersion = -1

/**
 * What of these pairs is gone, or is not as it was last handled, in either system. A record that cannot be
 * seen is told of as well: the sync reads it again, and closes its pair on proof only (rulebook 10).
 */
export async function sweepPage(deps: Deps, asked: Asked): Promise<readonly Found[]> {
  const [rows, records] = await Promise.all([readRows(deps, asked), readRecords(deps, asked)])
  const others = await toFoundOthers(deps, asked, records)
  const sets = await findSets(deps, asked, { records, others })
  return [...(await toFoundRows(deps, asked, rows)), ...others, ...sets]
}

async function readRows({ workbooks }: Deps, { polling, pairs, call }: Asked) {
  const { controller } = polling.workbooks
  const ids = pairs.map(({ workbooksId }) => workbooksId)
  const columns = ['id', 'lock_version', 'updated_at', 'created_at', 'is_deleted', 'object_ref']
  const found = await workbooks.readMany(controller, { ids, columns }, call)
  return ids.map((id) => toRow(controller, id, found.get(id)))
}

function toRow(
  controller: string,
  id: string,
  found: Read<WorkbooksRecord> | undefined,
): WorkbooksRecord {
  if (found?.kind === 'here') return found.record
  const lockVersion = unseenVersion
  return { controller, id, lockVersion, columns: {}, isDeleted: false, readAt: 0 }
}

async function readRecords({ outreach }: Deps, { polling, pairs, call }: Asked) {
  const type = ownListOf(polling)?.type
  if (type === undefined) return []
  const ids = pairs.map(({ outreachId }) => outreachId)
  const found = await outreach.readMany(type, ids, call)
  return ids.map((id) => toRecord(type, id, found.get(id)))
}

/** One that is gone, or hidden, has the fingerprint of a record without any value. */
function toRecord(
  type: string,
  id: string,
  found: Read<OutreachRecord> | undefined,
): OutreachRecord {
  if (found?.kind === 'here') return found.record
  return { type, id, attributes: {}, links: {}, readAt: 0 }
}

function ownListOf({ outreach }: Polling): PolledResource | undefined {
  return outreach.find(({ about }) => about === undefined)
}

type Swept = { readonly records: readonly OutreachRecord[]; readonly others: readonly Found[] }

/** Whoever is told of anyway is read with all of its rows. */
async function findSets(
  deps: Deps,
  { polling, call }: Asked,
  { records, others }: Swept,
): Promise<readonly Found[]> {
  const told = new Set(others.map(({ ref }) => ref))
  const quiet = records.filter(({ type, id }) => {
    return !told.has(toRecordRef({ system: 'outreach', type, id }))
  })
  const lists = polling.outreach.filter(({ isSet }) => isSet === true)
  const found = await Promise.all(
    lists.map((list) => sweepSets(deps, { list, records: quiet, call })),
  )
  return found.flat()
}

async function toFoundRows(
  { versions, traceparent, now }: Deps,
  { polling }: Asked,
  rows: readonly WorkbooksRecord[],
): Promise<readonly Found[]> {
  const as = { isBulk: () => false, foundAt: now(), traceparent }
  const news = await onlyNews(versions, polling, rows)
  return news.flatMap((row) => toFoundRow(polling, row, as))
}

async function toFoundOthers(
  { versions, traceparent, now }: Deps,
  { polling }: Asked,
  records: readonly OutreachRecord[],
): Promise<readonly Found[]> {
  const list = ownListOf(polling)
  if (list === undefined) return []
  const news = await onlyNewRecords(versions, list, records)
  return toFoundRecords(list, news, { foundAt: now(), traceparent })
}

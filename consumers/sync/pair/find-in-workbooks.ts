import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { toText } from '../fields/record-values.ts'
import { outreachRef } from '../kinds/kind.ts'
import { chooseKeeper } from './choose-keeper.ts'
import { isOlderThan } from './old-pairs.ts'
import type { SyncDeps, Work } from './work.ts'

export type WorkbooksCandidate =
  | {
      readonly kind: 'candidate'
      readonly w: WorkbooksRecord
      readonly others: readonly WorkbooksRecord[]
      /** A pair of the old plug-in, met before its turn (rulebook 3). */
      readonly standsUnlessNamed: boolean
      /** It carries this Outreach Id: what the event names wins. */
      readonly namedFirst: boolean
    }
  | { readonly kind: 'none' }

/** Looks for the partner of an Outreach record: by its id, then by what we wrote when we created it (rulebook 6). */
export async function findInWorkbooks(
  deps: SyncDeps,
  work: Work,
  o: OutreachRecord,
): Promise<WorkbooksCandidate> {
  const { kind, records, call } = work
  const reference = outreachRef(kind, o.id)
  work.calls.count += 1
  const rows = await records.findInWorkbooks({ outreachId: o.id, reference, keys: [] }, call)
  const byId = rows.filter(
    ({ columns, isDeleted }) => !isDeleted && toText(columns[kind.columns.outreachId]) === o.id,
  )
  if (byId.length > 0) {
    const keeper = chooseKeeper(kind, { rows: byId, partner: o, paired: undefined })
    const w = byId.find(({ id }) => id === keeper.id)
    if (w !== undefined) {
      const isOld = isOlderThan(deps.settings.connectionOf(kind.name), w)
      return {
        kind: 'candidate',
        w,
        others: keeper.others,
        standsUnlessNamed: isOld,
        namedFirst: true,
      }
    }
  }
  const made = rows.filter(
    ({ columns, isDeleted }) =>
      !isDeleted &&
      toText(columns['created_through_reference']) === reference &&
      toText(columns[kind.columns.outreachId]) === undefined,
  )
  const w = await firstUnpaired(deps, work, made)
  return w === undefined
    ? { kind: 'none' }
    : { kind: 'candidate', w, others: [], standsUnlessNamed: false, namedFirst: false }
}

async function firstUnpaired(
  { pairs }: SyncDeps,
  { kind }: Work,
  rows: readonly WorkbooksRecord[],
): Promise<WorkbooksRecord | undefined> {
  const ids = rows.map(({ id }) => id)
  const paired = new Set(
    (await pairs.byRecords(kind.name, 'workbooks', ids))
      .filter(({ status }) => status === 'linked')
      .map(({ workbooksId }) => workbooksId),
  )
  return rows.find(({ id }) => !paired.has(id))
}

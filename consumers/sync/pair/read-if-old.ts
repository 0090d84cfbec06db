import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { toText } from '../fields/record-values.ts'
import { toMatchKey } from '../fields/value.ts'
import { isTrashed } from './is-trashed.ts'
import { mayTakePart } from './may-take-part.ts'
import type { Step, SyncDeps, Work } from './work.ts'

/** A create decided on an older read is decided again. */
const oldMs = 2_000

/** Whoever waited long for the match key looks again: it may be deleted, unticked or renamed by now. */
export async function readWorkbooksIfOld(
  { now }: SyncDeps,
  work: Work,
  w: WorkbooksRecord,
): Promise<WorkbooksRecord | Step> {
  const { kind, records, call, calls } = work
  if (now() - w.readAt < oldMs) return w
  calls.count += 1
  const found = await records.readWorkbooks(w.id, call)
  if (found.kind !== 'here' || found.record.isDeleted) {
    return { kind: 'again', why: 'it vanished while it waited for its turn' }
  }
  const { record } = found
  const isSame =
    mayTakePart(work, record).kind === 'eligible' &&
    toText(record.columns[kind.columns.outreachId]) === undefined &&
    toKeys(kind, record) === toKeys(kind, w)
  return isSame ? record : { kind: 'again', why: 'it was changed while it waited for its turn' }
}

/** The same from the other side: it may be deleted or renamed by now. */
export async function readOutreachIfOld(
  { now }: SyncDeps,
  { kind, records, call, calls }: Work,
  o: OutreachRecord,
): Promise<OutreachRecord | Step> {
  if (now() - o.readAt < oldMs) return o
  calls.count += 1
  const found = await records.readOutreach(o.id, call)
  const toKeys = (record: OutreachRecord) =>
    JSON.stringify(kind.matching.keysOfOutreach(record).map(toMatchKey))
  if (found.kind === 'here' && !isTrashed(found.record) && toKeys(found.record) === toKeys(o)) {
    return found.record
  }
  return { kind: 'again', why: 'it was changed while it waited for its turn' }
}

function toKeys({ matching }: Work['kind'], record: WorkbooksRecord): string {
  return JSON.stringify(matching.keysOfWorkbooks(record).map(toMatchKey))
}

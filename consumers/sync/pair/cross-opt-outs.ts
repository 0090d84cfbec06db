import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Field } from '../fields/field.ts'
import { readOutreachValue, readWorkbooksValue } from '../fields/record-values.ts'
import { isEligible } from '../kinds/is-eligible.ts'
import type { Merged } from '../merge/merge-fields.ts'
import { isOut } from '../merge/opt-out.ts'
import { applyMerge } from './apply-merge.ts'
import type { Both } from './merge-pair.ts'
import type { Step, SyncDeps, Work } from './work.ts'

/**
 * "An opt-out of a linked person passes conditions 2 and 3" (rulebook 11): of a record that is flagged
 * only that is written; undefined where there is none, or where nobody asked for the record at all.
 */
export async function crossOptOuts(
  deps: SyncDeps,
  work: Work,
  { both, merged }: { readonly both: Both; readonly merged: Merged },
): Promise<Step | undefined> {
  const { kind } = work
  if (!mayPass(work, both.w)) return undefined
  const fields = kind.fields.filter((field) => isCrossing(field, merged))
  if (fields.length === 0) return undefined
  return applyMerge(deps, { ...work, keepsFlags: true, kind: { ...kind, fields } }, both)
}

/** Whether an opt-out waits to cross between two records that are being linked. */
export function hasOptOut(work: Work, { w, o }: Pick<Both, 'w' | 'o'>): boolean {
  const isApart = (field: Field) =>
    isOut(readWorkbooksValue(field, w.columns)) !== isOut(readOutreachValue(field, o))
  return mayPass(work, w) && work.kind.fields.some((field) => isOptOut(field) && isApart(field))
}

function mayPass({ kind }: Work, w: WorkbooksRecord): boolean {
  const eligibility = isEligible(w, kind.columns)
  return eligibility.kind === 'ineligible' && eligibility.condition !== 1
}

function isOptOut({ form }: Field): boolean {
  return form === 'opt-out'
}

/** TRUE is on its way; a FALSE waits for the record to take part again. */
function isCrossing(field: Field, { send, receive }: Merged): boolean {
  const name = field.workbooks
  return isOptOut(field) && [send[name], receive[name]].some((value) => isOut(value ?? null))
}

import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { isTrue } from '../fields/record-values.ts'
import type { Columns } from './kind.ts'

export type Eligibility =
  | { readonly kind: 'eligible' }
  | { readonly kind: 'ineligible'; readonly condition: 1 | 2 | 3; readonly why: string }

/** Conditions 1 to 3 of rulebook 3, in their order; 4 and 5 are the hint itself. */
export function isEligible(
  { columns }: Pick<WorkbooksRecord, 'columns'>,
  steering: Columns,
): Eligibility {
  const { syncToOutreach, outreachSyncError, outreachDuplicate } = steering
  if (!isTrue(columns[syncToOutreach])) {
    return ineligible(1, 'Sync to Outreach is not TRUE')
  }
  if (isTrue(columns[outreachSyncError])) {
    return ineligible(2, 'Outreach Sync Error is TRUE until a person resets it')
  }
  if (outreachDuplicate !== null && isTrue(columns[outreachDuplicate])) {
    return ineligible(3, 'Outreach Duplicate is TRUE until a person resolves it')
  }
  return { kind: 'eligible' }
}

function ineligible(condition: 1 | 2 | 3, what: string): Eligibility {
  return { kind: 'ineligible', condition, why: `Condition ${condition} is not met: ${what}.` }
}

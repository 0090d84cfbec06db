import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { isTrue } from '../fields/record-values.ts'
import { isEligible, type Eligibility } from '../kinds/is-eligible.ts'
import type { Merged } from '../merge/merge-fields.ts'
import type { Work } from './work.ts'

type Columns = Pick<WorkbooksRecord, 'columns'>

/** Conditions 1 to 3 of rulebook 3, as far as the kind asks for them in the direction of this hint. */
export function mayTakePart(
  { kind, hint }: Pick<Work, 'kind' | 'hint'>,
  record: Columns,
): Eligibility {
  const isAsked = kind.duplicateStops !== 'receiving' || hint.side === 'outreach'
  const steering = isAsked ? kind.columns : { ...kind.columns, outreachDuplicate: null }
  return isEligible(record, steering)
}

/**
 * Without what Workbooks must not receive while the record is an Outreach Duplicate: it stays a change of
 * Outreach, and is received once a person has resolved that.
 */
export function withoutForbidden(
  { kind }: Pick<Work, 'kind'>,
  { columns }: Columns,
  merged: Merged,
): Merged {
  const { outreachDuplicate } = kind.columns
  const isStopped = outreachDuplicate !== null && isTrue(columns[outreachDuplicate])
  if (!isStopped || kind.duplicateStops !== 'receiving') return merged
  // What is put back in Outreach, because we had overwritten it, is an exception to every rule.
  const received = Object.entries(merged.receive).filter(([name]) => name in merged.send)
  const receive = Object.fromEntries(received)
  const conflicts = merged.conflicts.filter(
    ({ field, winner }) => winner === 'workbooks' || field in receive,
  )
  return { ...merged, receive, conflicts }
}

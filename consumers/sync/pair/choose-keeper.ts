import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { toText } from '../fields/record-values.ts'
import { workbooksRef, type Kind } from '../kinds/kind.ts'

type Choice = {
  /** The record in hand and whatever the search found; checked here once more. */
  readonly rows: readonly WorkbooksRecord[]
  readonly partner: OutreachRecord
  /** The Workbooks id that is paired with it already. */
  readonly paired: string | undefined
}

/**
 * Which of several Workbooks records with one Outreach Id keeps it: the one that is paired, else the one
 * that our reference names, else the lowest id (rulebook 4).
 */
export function chooseKeeper(
  kind: Kind,
  { rows, partner, paired }: Choice,
): { readonly id: string; readonly others: readonly WorkbooksRecord[] } {
  const named = rows.filter(
    ({ columns, isDeleted }) =>
      !isDeleted && toText(columns[kind.columns.outreachId]) === partner.id,
  )
  const unique = [...new Map(named.map((row) => [row.id, row])).values()]
  const reference = toText(partner.attributes[kind.reference])
  const byReference = unique.find(({ id }) => reference === workbooksRef(kind, id))?.id
  const lowest = unique
    .map(({ id }) => BigInt(id))
    .reduce((one, two) => (two < one ? two : one), BigInt(unique[0]?.id ?? 0))
  const id = paired ?? byReference ?? String(lowest)
  return { id, others: unique.filter((row) => row.id !== id) }
}

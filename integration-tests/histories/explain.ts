import type { Outcome } from '../../schemas/outcome.ts'
import type { Edit } from './book.ts'
import { recordOf, rowOf, type Known } from './known.ts'
import type { History } from './make-history.ts'

/** A field of a record, or who is a contact of an opportunity. */
export type Place = Pick<Edit, 'known' | 'field'>

export function toName({ kind, ids: { workbooks, outreach } }: Known): string {
  return `${kind} ${workbooks ?? '-'} = ${outreach ?? '-'}`
}

export function toPlaceName({ known, field }: Place): string {
  return `${toName(known)} ${typeof field === 'string' ? field : toName(field)}`
}

/** Whether an outcome of this kind and pair tells of this record. */
export function isOf({ kind, ids }: Known, told: Pick<Outcome, 'kind' | 'pair'>): boolean {
  if (kind !== told.kind) return false
  const { workbooks, outreach } = told.pair
  return workbooks === String(ids.workbooks) || outreach === String(ids.outreach)
}

/** For whoever has to mend it: what people did there, what the record is now, and what was said of it last. */
export function explain(
  { world, book }: Pick<History, 'world' | 'book'>,
  { known, field }: Place,
  outcomes: readonly Outcome[],
): string {
  const same = book.edits().filter((one) => one.known === known && one.field === field)
  const told = outcomes.filter((one) => isOf(known, one)).slice(-12)
  return [
    ...same.map(({ at, side, saw, value }) => `${at} ${side}: ${saw} -> ${value}`),
    JSON.stringify(rowOf(world.systems, known)),
    JSON.stringify(recordOf(world.systems, known)),
    ...told.map((one) => JSON.stringify(one)),
  ].join('\n')
}

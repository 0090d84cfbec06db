import type { Column } from './column.ts'
import { folded, splitCriterion, textOf } from './filter-criterion.ts'
import type { CriterionContext } from './filter-criterion.ts'
import type { Combine } from './filter-expression.ts'
import type { IndexKey } from './value-index.ts'

/** Rows that one filter lets in: those with these ids, or those with one of these values. */
export type Candidates =
  | { readonly kind: 'ids'; readonly ids: readonly number[] }
  | { readonly kind: 'values'; readonly index: IndexKey; readonly keys: readonly string[] }

export type Filter = {
  /** Undefined where the filter is passed over. */
  readonly column: Column | undefined
  readonly type: string
  readonly criterion: string
}

/** More filters than this are looked at row by row. */
const mostFilters = 8

const texts = ['string', 'text', 'uri']

const candidatesOf = (
  { column, type, criterion }: Filter,
  { foldAccents }: CriterionContext,
): Candidates | undefined => {
  if (column === undefined || type !== 'eq') return undefined
  const parts = splitCriterion(criterion)
  if (column.name === 'id') return { kind: 'ids', ids: parts.map(Number) }
  const toKey = (text: string) => folded(text, foldAccents)
  // A row of another table may be behind any other column.
  if (!column.isOfRow || !texts.includes(column.datatype)) return undefined
  const keyOf: IndexKey['keyOf'] = (row) =>
    toKey(textOf(column.read(row, { row: () => undefined, user: () => undefined, linkPrefix: '' })))
  return { kind: 'values', index: { name: column.name, keyOf }, keys: parts.map(toKey) }
}

/** Whether nothing is in where all of these filters say no, whatever the others say. */
const areForced = (combine: Combine, indexes: number, count: number): boolean => {
  for (let verdicts = 0; verdicts < 2 ** count; verdicts += 1) {
    const given = verdicts & ~indexes
    if (combine((at) => (given & (1 << at)) !== 0)) return false
  }
  return true
}

/** The only rows that can be in, as far as filters by equality say so; undefined: any. */
export const findCandidates = (
  filters: readonly Filter[],
  combine: Combine,
  context: CriterionContext,
): readonly Candidates[] | undefined => {
  if (filters.length > mostFilters) return undefined
  const each = filters.map((filter) => candidatesOf(filter, context))
  // One filter alone, if it can, for the fewest rows; else all that can together.
  const single = each.findIndex((one, at) => {
    return one !== undefined && areForced(combine, 1 << at, filters.length)
  })
  const alone = each[single]
  if (alone !== undefined) return [alone]
  const all = each.reduce((sum, one, at) => (one === undefined ? sum : sum | (1 << at)), 0)
  return all !== 0 && areForced(combine, all, filters.length)
    ? each.flatMap((one) => one ?? [])
    : undefined
}

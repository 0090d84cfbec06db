import type { Column } from './column.ts'
import { findCandidates } from './filter-candidates.ts'
import type { Candidates, Filter } from './filter-candidates.ts'
import { parseFilterExpression } from './filter-expression.ts'
import type { Unsuitable } from './filter-expression.ts'
import { makeTest } from './filter-criterion.ts'
import type { CriterionContext, Test } from './filter-criterion.ts'
import type { Parameters } from './parameters.ts'
import type { Lookup, Row } from './row.ts'

export type CompiledFilters = {
  readonly kind: 'filters'
  /** How many there were: none selects everything. */
  readonly count: number
  readonly isIn: (row: Row, lookup: Lookup) => boolean
  /** The only rows that can be in, where filters by equality say so; undefined: any. */
  readonly candidates: readonly Candidates[] | undefined
}

type Triplet = readonly [field: string, type: string, criterion: string]

type Deps = CriterionContext & {
  readonly columns: ReadonlyMap<string, Column>
  readonly unknownFilters: 'refuse' | 'ignore'
  readonly ignoredFilters?: readonly string[]
}

const unsuitable = (message: string): Unsuitable => ({ kind: 'unsuitable', message })

const fromJson = (text: string): readonly Triplet[] | undefined => {
  try {
    const parsed: unknown = JSON.parse(text)
    if (!Array.isArray(parsed)) return undefined
    return parsed.map((one: unknown): Triplet => {
      const [field, type, criterion] = Array.isArray(one) ? one.map(String) : []
      return [field ?? '', type ?? '', criterion ?? '']
    })
  } catch {
    return undefined
  }
}

const readTriplets = (parameters: Parameters): readonly Triplet[] | undefined => {
  const fields = parameters.all('_ff')
  const types = parameters.all('_ft')
  const criteria = parameters.all('_fc')
  if (types.length !== fields.length || criteria.length !== fields.length) return undefined
  const json = parameters.first('_filter_json')
  const more = json === undefined ? [] : fromJson(json)
  if (!more) return undefined
  const own = fields.map((field, at): Triplet => [field, types[at] ?? '', criteria[at] ?? ''])
  return [...own, ...more]
}

type CompiledTest = Filter & { readonly test: Test }

/** Makes one yes or no about a row of all filters of a request; deleted rows are out unless a filter names `is_deleted`. */
export const compileFilters = (
  parameters: Parameters,
  deps: Deps,
): CompiledFilters | Unsuitable => {
  const triplets = readTriplets(parameters)
  if (!triplets) return unsuitable('_ff[], _ft[] and _fc[] must come in threes')
  const tests: CompiledTest[] = []
  for (const [field, type, criterion] of triplets) {
    const column = deps.columns.get(field)
    if (!column && deps.unknownFilters === 'refuse') return unsuitable(`unknown filter "${field}"`)
    const test = makeTest({ type, criterion }, column?.datatype ?? 'string', deps)
    if (!test) return unsuitable(`unknown filter type "${type}" on "${field}"`)
    const isHeard = deps.ignoredFilters?.includes(field) !== true
    tests.push({ column: isHeard ? column : undefined, type, criterion, test })
  }
  const parsed = parseFilterExpression(parameters.first('_fm') ?? '', tests.length)
  if (parsed.kind === 'unsuitable') return parsed
  const seesDeleted = triplets.some(([field]) => field === 'is_deleted')
  return {
    kind: 'filters',
    count: tests.length,
    candidates: findCandidates(tests, parsed.combine, deps),
    isIn: (row, lookup) => {
      if (row.isDeleted && !seesDeleted) return false
      return parsed.combine((index) => {
        const one = tests[index]
        return one?.column ? one.test(one.column.read(row, lookup)) : true
      })
    },
  }
}

import { json, unsuitableAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Column } from './column.ts'
import { compileFilters } from './compile-filters.ts'
import type { CompiledFilters } from './compile-filters.ts'
import type { Candidates } from './filter-candidates.ts'
import type { CriterionContext } from './filter-criterion.ts'
import type { Parameters } from './parameters.ts'
import { renderRow } from './render-row.ts'
import type { Lookup, Row, Stored } from './row.ts'
import type { IndexKey } from './value-index.ts'
import type { Formats } from './wire-values.ts'

export type ListDeps = CriterionContext & {
  readonly columns: ReadonlyMap<string, Column>
  readonly rows: () => readonly Row[]
  readonly row: (id: number) => Row | undefined
  readonly idsWith: (index: IndexKey, key: string) => Iterable<number>
  readonly lookup: Lookup
  readonly formats: Formats
  readonly unknownFilters: 'refuse' | 'ignore'
  readonly ignoredFilters?: readonly string[]
  readonly strictSelects: boolean
}

export const defaultPageSize = 100

const compareValues = (one: Stored, other: Stored): number => {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null)
  if (typeof one === 'number' && typeof other === 'number') return one - other
  const [left, right] = [String(one).toLowerCase(), String(other).toLowerCase()]
  if (left === right) return 0
  return left < right ? -1 : 1
}

const sortRows = (rows: readonly Row[], parameters: Parameters, deps: ListDeps): readonly Row[] => {
  const directions = parameters.all('_dir')
  const keys = parameters.all('_sort').flatMap((name, at) => {
    const column = deps.columns.get(name)
    return column ? [{ column, sign: directions[at]?.toUpperCase() === 'DESC' ? -1 : 1 }] : []
  })
  return [...rows].sort((one, other) => {
    for (const { column, sign } of keys) {
      const order = compareValues(column.read(one, deps.lookup), column.read(other, deps.lookup))
      if (order !== 0) return order * sign
    }
    return one.id - other.id
  })
}

/** `_limit` counts for nothing without `_start` (workbooks-api 3.1). */
const pageOf = (rows: readonly Row[], parameters: Parameters): readonly Row[] => {
  const start = Number.parseInt(parameters.first('_start') ?? '', 10)
  if (!Number.isFinite(start)) return rows.slice(0, defaultPageSize)
  const limit = Number.parseInt(parameters.first('_limit') ?? '', 10)
  return rows.slice(start, start + (Number.isFinite(limit) ? limit : defaultPageSize))
}

/** The columns that the caller selected, or all; unknown names are passed over, as the official example relies on. */
const selectColumns = (parameters: Parameters, deps: ListDeps): readonly Column[] | string => {
  const names = [...new Set(parameters.all('_select_columns'))]
  if (names.length === 0) return [...deps.columns.values()].filter(({ isListed }) => isListed)
  const unknown = names.find((name) => !deps.columns.has(name))
  if (unknown !== undefined && deps.strictSelects) return unknown
  return names.flatMap((name) => deps.columns.get(name) ?? [])
}

/** Both spellings, for public text does not settle which one counts. */
const skipsTotal = (parameters: Parameters): boolean =>
  parameters.isOn('_skip_total_rows') || parameters.isOn('__skip_total_rows')

const choose = (filters: CompiledFilters, deps: ListDeps): readonly Row[] => {
  const { candidates } = filters
  const rows =
    candidates === undefined
      ? deps.rows()
      : [...idsOf(candidates, deps)].flatMap((id) => deps.row(id) ?? [])
  return rows.filter((row) => filters.isIn(row, deps.lookup))
}

const idsOf = (candidates: readonly Candidates[], { idsWith }: ListDeps): ReadonlySet<number> =>
  new Set(
    candidates.flatMap((one) =>
      one.kind === 'ids' ? one.ids : one.keys.flatMap((key) => [...idsWith(one.index, key)]),
    ),
  )

export const listRecords = (parameters: Parameters, deps: ListDeps): Answer => {
  const filters = compileFilters(parameters, deps)
  if (filters.kind === 'unsuitable') return unsuitableAnswer(filters.message)
  const columns = selectColumns(parameters, deps)
  if (typeof columns === 'string') return unsuitableAnswer(`unknown column "${columns}"`)
  const chosen = choose(filters, deps)
  const page = pageOf(sortRows(chosen, parameters, deps), parameters)
  return json({
    success: true,
    data: page.map((row) => renderRow(row, columns, deps)),
    total: skipsTotal(parameters) ? page.length : chosen.length,
  })
}

/** The Desktop's own envelope for one record, whose `data` is an object (workbooks-api 3.2). */
export const showRecord = (row: Row, deps: ListDeps): Answer =>
  json({
    success: true,
    available_layouts: [],
    layout: {},
    data: renderRow(row, deps.columns.values(), deps),
  })

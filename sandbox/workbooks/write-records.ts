import { html, json, unsuitableAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Behaviour } from './behaviour.ts'
import { compileFilters } from './compile-filters.ts'
import type { CompiledFilters } from './compile-filters.ts'
import type { Database, Transaction } from './database.ts'
import type { Unsuitable } from './filter-expression.ts'
import type { ListDeps } from './list-records.ts'
import type { Parameters } from './parameters.ts'
import { parseRows } from './parse-rows.ts'
import type { RowRequest } from './parse-rows.ts'
import { toWriteAnswer } from './write-answer.ts'
import { writeRow } from './write-row.ts'
import type { RowResult, WriteContext } from './write-row.ts'

export type WriteDeps = Omit<WriteContext, 'tx' | 'isInReach' | 'lookup'> & {
  readonly database: Database
  readonly lookupIn: (source: Pick<Transaction, 'row'>) => WriteContext['lookup']
  readonly list: Pick<ListDeps, 'columns' | 'timeZone' | 'foldAccents' | 'now' | 'unknownFilters'>
  readonly isPerObject: boolean
}

export type WriteOutcome = {
  readonly answer: Answer
  readonly rows: number
  readonly changed: number
}

const refused = (answer: Answer, rows = 0): WriteOutcome => ({ answer, rows, changed: 0 })

/** The filter must select what is written; only creates do without one (workbooks-api 5.1). */
const readWorkingSet = (
  parameters: Parameters,
  rows: readonly RowRequest[],
  deps: WriteDeps,
): CompiledFilters | Unsuitable => {
  const filters = compileFilters(parameters, deps.list)
  if (filters.kind === 'unsuitable' || filters.count > 0) return filters
  return rows.every(({ method }) => method === 'POST')
    ? filters
    : { kind: 'unsuitable', message: 'a filter must select the records to be written' }
}

const openContext = (deps: WriteDeps, filters: CompiledFilters): WriteContext => {
  const tx = deps.database.begin()
  const lookup = deps.lookupIn(tx)
  const { controller } = deps.resource
  return {
    ...deps,
    tx,
    lookup,
    isInReach: (row) => !deps.database.isHidden(controller, row.id) && filters.isIn(row, lookup),
  }
}

const applyAlone = (row: RowRequest, filters: CompiledFilters, deps: WriteDeps): RowResult => {
  const context = openContext(deps, filters)
  const result = writeRow(row, context)
  if (result.kind === 'written') context.tx.commit(deps.author)
  return result
}

const applyTogether = (
  rows: readonly RowRequest[],
  filters: CompiledFilters,
  deps: WriteDeps,
): readonly RowResult[] => {
  const context = openContext(deps, filters)
  const results = rows.map((row) => writeRow(row, context))
  if (results.every(({ kind }) => kind === 'written')) context.tx.commit(deps.author)
  return results
}

const isUnseenShownAsMissing = (results: readonly RowResult[], behaviour: Behaviour): boolean =>
  behaviour.unseenShape === '404' && results.some(({ kind }) => kind === 'unseen')

/** Carries out one write request: one transaction, or one for each row (workbooks-api 5.5). */
export const writeRecords = (parameters: Parameters, deps: WriteDeps): WriteOutcome => {
  const parsed = parseRows(parameters)
  if (parsed.kind === 'unsuitable') return refused(unsuitableAnswer(parsed.message))
  const { rows } = parsed
  const { rowLimit, rowLimitStatus } = deps.behaviour
  if (rows.length > rowLimit) {
    const message = `${rows.length} rows in one request, at most ${rowLimit} are taken`
    return refused(unsuitableAnswer(message, rowLimitStatus), rows.length)
  }
  const filters = readWorkingSet(parameters, rows, deps)
  if (filters.kind === 'unsuitable') return refused(unsuitableAnswer(filters.message), rows.length)
  const results = deps.isPerObject
    ? rows.map((row) => applyAlone(row, filters, deps))
    : applyTogether(rows, filters, deps)
  if (!deps.isPerObject && isUnseenShownAsMissing(results, deps.behaviour))
    return refused(html(404, 'Not found'), rows.length)
  const isKept = deps.isPerObject || results.every(({ kind }) => kind === 'written')
  const changed = isKept
    ? results.filter((result) => result.kind === 'written' && result.isChanged).length
    : 0
  return {
    answer: json(toWriteAnswer({ rows, results, className: deps.resource.className }, deps)),
    rows: rows.length,
    changed,
  }
}

import type { WorkbooksFilter, WorkbooksQuery, WorkbooksWrite } from './workbooks-client.ts'

/** Name and value in the order in which they are sent: Workbooks joins filters and rows by position. */
export type FormField = readonly [name: string, value: string]

export const rowsPerCall = 100

/** The fields of a list request of this controller. */
export function toReadForm(controller: string, query: WorkbooksQuery): readonly FormField[] {
  // Queues are no records: they are documented with id, name and type only.
  const always = controller.endsWith('_queues') ? ['id'] : ['id', 'lock_version', 'is_deleted']
  const { columns, filters, logic, sort = [], start = 0, limit = rowsPerCall } = query
  return [
    // Without `_start` the server ignores `_limit`.
    ['_start', String(start)],
    ['_limit', String(limit)],
    ...sort.flatMap(({ column, direction }): FormField[] => [
      ['_sort[]', column],
      ['_dir[]', direction],
    ]),
    // Which of the two spellings the server honours is not settled (workbooks-api 3.1).
    ['_skip_total_rows', 'true'],
    ['__skip_total_rows', 'true'],
    ...(logic === undefined ? [] : [['_fm', logic] as const]),
    ...filters.flatMap(toTriplet),
    ...[...new Set([...always, ...columns])].map((column): FormField => [
      '_select_columns[]',
      column,
    ]),
  ]
}

function toTriplet(filter: WorkbooksFilter): readonly FormField[] {
  return [
    ['_ff[]', filter.field],
    ['_ft[]', filter.type],
    // `blank`, `true` and their like need a criterion too, and ignore it.
    ['_fc[]', toCriterion(filter)],
  ]
}

function toCriterion({ type, value = '' }: WorkbooksFilter): string {
  if (type === 'between' || type === 'not_between') {
    return typeof value === 'string' ? value : `JSON(${JSON.stringify(value)})`
  }
  const values = typeof value === 'string' ? [value] : value
  return values.map((one) => one.replaceAll(',', '\\,')).join(',')
}

type Rows = readonly WorkbooksWrite[]

/** The fields of one write: the working set, then the rows as a square array (workbooks-api 5.1). */
export function toWriteForm(rows: Rows): readonly FormField[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(columnsOf(row))))]
  return [
    ['_per_object_transactions', 'true'],
    ['_fm', 'or'],
    ...rows.flatMap((row) => toTriplet({ field: 'id', type: 'eq', value: idOf(row) })),
    ...rows.flatMap((row) => toRow(row, names)),
  ]
}

const verbs = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const

function toRow(row: WorkbooksWrite, names: readonly string[]): readonly FormField[] {
  const values = new Map<string, string>(names.map((name) => [name, ':no_value:']))
  for (const [name, value] of Object.entries(columnsOf(row))) values.set(name, toWireValue(value))
  values.set('__method', verbs[row.kind])
  values.set('id', idOf(row))
  values.set('lock_version', row.kind === 'create' ? '0' : String(row.lockVersion))
  return [...values]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => [`${toUnnested(name)}[]`, value])
}

const columnsOf = (row: WorkbooksWrite) => (row.kind === 'delete' ? {} : row.columns)
const idOf = (row: WorkbooksWrite) => (row.kind === 'create' ? '0' : row.id)

/** `a[b[c]]`, as answers have it, goes out as `a[b][c]`. */
function toUnnested(name: string): string {
  if (!name.endsWith(']]')) return name
  const [first = '', ...rest] = name.split(/[[\]]+/).filter((part) => part !== '')
  return `${first}${rest.map((part) => `[${part}]`).join('')}`
}

/** A column's value as one string: blank clears, arrays are `[10,20]`. */
function toWireValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return ':null_value:'
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return JSON.stringify(value)
  return `[${value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(',')}]`
}

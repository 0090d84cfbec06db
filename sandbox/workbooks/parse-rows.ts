import type { Unsuitable } from './filter-expression.ts'
import type { Parameters } from './parameters.ts'
import { toNestedName } from './wire-names.ts'

export type RowRequest = {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly id: number
  readonly lockVersion: number
  /** Texts as they came; null clears; columns left unchanged are not in it. */
  readonly columns: ReadonlyMap<string, string | null>
}

export type ParsedRows =
  { readonly kind: 'rows'; readonly rows: readonly RowRequest[] } | Unsuitable

const unsuitable = (message: string): Unsuitable => ({ kind: 'unsuitable', message })

const reserved = new Set(
  ['_ff', '_ft', '_fc', '_select_columns', '_sort', '_dir', 'class_names'].map(
    (name) => `${name}[]`,
  ),
)

const collectColumns = (parameters: Parameters): ReadonlyMap<string, readonly string[]> => {
  const collected = new Map<string, string[]>()
  for (const [wireName, value] of parameters.entries) {
    if (!wireName.endsWith('[]') || reserved.has(wireName)) continue
    const name = toNestedName(wireName)
    const values = collected.get(name) ?? []
    values.push(value)
    collected.set(name, values)
  }
  return collected
}

const columnsOfRow = (
  collected: ReadonlyMap<string, readonly string[]>,
  at: number,
): ReadonlyMap<string, string | null> => {
  const columns = new Map<string, string | null>()
  for (const [name, values] of collected) {
    const value = values[at] ?? ':no_value:'
    if (name === '__method' || name === 'id' || name === 'lock_version') continue
    if (value !== ':no_value:') columns.set(name, value === ':null_value:' ? null : value)
  }
  return columns
}

const isMethod = (text: string | undefined): text is RowRequest['method'] =>
  text === 'POST' || text === 'PUT' || text === 'DELETE'

/** The square array of a write, row by row (workbooks-api 5.1). */
export const parseRows = (parameters: Parameters): ParsedRows => {
  const collected = collectColumns(parameters)
  const methods = collected.get('__method') ?? []
  if (methods.length === 0) return unsuitable('__method[] is missing')
  for (const [name, values] of collected)
    if (values.length !== methods.length)
      return unsuitable(
        `"${name}" occurs ${values.length} times for ${methods.length} rows: the array is not square`,
      )
  const rows: RowRequest[] = []
  for (const [at, method] of methods.entries()) {
    const upper = method.toUpperCase()
    if (!isMethod(upper)) return unsuitable(`__method[] "${method}" is none of POST, PUT, DELETE`)
    rows.push({
      method: upper,
      id: Number(collected.get('id')?.[at] ?? 0) || 0,
      lockVersion: Number(collected.get('lock_version')?.[at] ?? Number.NaN),
      columns: columnsOfRow(collected, at),
    })
  }
  return { kind: 'rows', rows }
}

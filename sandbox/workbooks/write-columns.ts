import type { Behaviour } from './behaviour.ts'
import type { Column } from './column.ts'
import type { Transaction } from './database.ts'
import type { Row, Stored, Values } from './row.ts'
import { isBlank } from './row.ts'
import { toStored } from './wire-values.ts'

export type Errors = Readonly<Record<string, readonly string[]>>

type WriteRequest = {
  readonly columns: ReadonlyMap<string, Column>
  readonly controller: string
  readonly texts: ReadonlyMap<string, string | null>
  readonly before: Row | undefined
  readonly tx: Transaction
  readonly isStrict: boolean
  readonly behaviour: Behaviour
}

const longestString = 255

const toIds = (value: Stored | undefined): readonly Stored[] => {
  if (value === undefined || value === null || value === '') return []
  return isArray(value) ? value : [value]
}

const isArray = (value: Stored): value is Extract<Stored, readonly unknown[]> =>
  Array.isArray(value)

/** A link that stands already is not looked at again: what it names may be gone since. */
const linkProblem = (column: Column, value: Stored, request: WriteRequest): string | undefined => {
  if (column.linksTo.length === 0) return undefined
  const { tx, before } = request
  const standing = new Set(toIds(before?.values[column.name]).map(Number))
  const ids = toIds(value).filter((id) => !standing.has(Number(id)))
  const isThere = (id: Stored): boolean =>
    column.linksTo.some((controller) => tx.row(controller, Number(id))?.isDeleted === false)
  return ids.every((id: Stored) => isThere(id)) ? undefined : 'is not a record that can be linked'
}

const lengthProblem = (column: Column, value: Stored): string | undefined =>
  column.datatype === 'string' &&
  typeof value === 'string' &&
  Array.from(value).length > longestString
    ? `is too long (maximum is ${longestString} characters)`
    : undefined

const uniqueProblem = (
  column: Column,
  value: Stored,
  request: WriteRequest,
): string | undefined => {
  if (!column.isUnique || isBlank(value)) return undefined
  const taken = request.tx
    .rows(request.controller)
    .some(
      (row) =>
        !row.isDeleted &&
        row.id !== request.before?.id &&
        String(row.values[column.name] ?? '').toLowerCase() === String(value).toLowerCase(),
    )
  return taken ? `'${String(value)}' is already used` : undefined
}

const isWritable = (column: Column, before: Row | undefined): boolean =>
  before ? column.isUpdateable : column.isCreateable

/** A stage is written by its name and kept by its id. */
const stageByName = (name: Stored, tx: Transaction): Values | undefined => {
  if (isBlank(name)) return { opportunity_stage_id: null }
  const stage = tx
    .rows('crm/opportunity_stages')
    .find((row) => !row.isDeleted && row.values['name'] === name)
  return stage && { opportunity_stage_id: stage.id }
}

type Written =
  | { readonly kind: 'values'; readonly values: Values }
  | { readonly kind: 'problem'; readonly message: string }

const problem = (message: string): Written => ({ kind: 'problem', message })

const valueProblem = (column: Column, value: Stored, request: WriteRequest): string | undefined => {
  if (column.isRequired && isBlank(value)) return "can't be blank"
  return (
    lengthProblem(column, value) ??
    uniqueProblem(column, value, request) ??
    linkProblem(column, value, request)
  )
}

const landValue = (column: Column, value: Stored, request: WriteRequest): Written => {
  if (column.name === 'opportunity_stage[name]') {
    const values = stageByName(value, request.tx)
    return values ? { kind: 'values', values } : problem('is not in the list')
  }
  const message = valueProblem(column, value, request)
  return message === undefined
    ? { kind: 'values', values: column.write(value, request.before?.values ?? {}) }
    : problem(message)
}

const writeOne = (column: Column, text: string | null, request: WriteRequest): Written => {
  if (!isWritable(column, request.before))
    return request.isStrict ? problem('cannot be written') : { kind: 'values', values: {} }
  if (text === null) return landValue(column, column.datatype === 'boolean' ? false : null, request)
  const isText = ['string', 'text', 'uri'].includes(column.datatype)
  const rendered = isText ? request.behaviour.rendersText(column.name, text) : text
  const read = toStored(column.datatype, rendered, request.behaviour)
  return read.kind === 'refused' ? problem(read.message) : landValue(column, read.value, request)
}

/** The values that a row would have after the write, or what is wrong with it, column by column. */
export const writeColumns = (
  request: WriteRequest,
): { readonly values: Values; readonly errors: Errors } => {
  const values: Record<string, Stored> = { ...request.before?.values }
  const errors: Record<string, readonly string[]> = {}
  for (const [name, text] of request.texts) {
    const column = request.columns.get(name)
    if (!column) {
      if (request.isStrict) errors[name] = ['is not an attribute of this record']
      continue
    }
    const written = writeOne(column, text, request)
    if (written.kind === 'problem') errors[name] = [written.message]
    else Object.assign(values, written.values)
  }
  if (!request.before)
    for (const column of request.columns.values())
      if (column.isRequired && isBlank(values[column.name]))
        errors[column.name] ??= ["can't be blank"]
  return { values, errors }
}

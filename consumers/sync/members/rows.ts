import type { Value } from '../fields/value.ts'
import { toRoles } from './contacts.ts'

/** One row of Outreach: a person on a record, with a role; no role is the empty text. */
export type Row = {
  readonly id: string
  readonly member: string
  readonly role: string
  /** As the row tells it, ISO 8601; empty where it does not. */
  readonly updatedAt: string
  /** An event told that it was removed. */
  readonly isGone?: true
}

/** The rows that hang on a record; undefined where they could not be read. */
export function rowsOn(
  attributes: Readonly<Record<string, unknown>>,
  rowType: string,
): readonly Row[] | undefined {
  const rows = attributes[rowType]
  // Only `toRows` and `toRowEvent` put anything there.
  return Array.isArray(rows) ? (rows as readonly Row[]) : undefined
}

/** The rows of which events tell that they were removed. */
export function goneRows(
  events: readonly { readonly changed: Readonly<Record<string, unknown>> }[],
  rowType: string,
): readonly Row[] {
  const told = events.flatMap(({ changed }) => rowsOn(changed, rowType) ?? [])
  return told.filter(({ isGone }) => isGone === true)
}

/** The roles of one person among these rows, as a value. */
export function rolesOf(rows: readonly Row[], member: string | undefined): Value {
  const own = rows.filter((row) => row.member === member && row.isGone !== true)
  return toRoles(own.map(({ role }) => role))
}

/** One call that brings a person's rows nearer to what is wanted. */
export type RowStep =
  | { readonly kind: 'change'; readonly id: string; readonly role: string }
  | { readonly kind: 'add'; readonly role: string }
  | { readonly kind: 'remove'; readonly id: string }

type Standing = Pick<Row, 'id' | 'role'>

/**
 * The calls that make one person's rows tell these roles: rows that are right are kept, one that is left
 * over becomes a missing role, the rest are made and removed, in this order, so that nobody is off the
 * record in between.
 */
export function planRows(rows: readonly Standing[], wanted: readonly string[]): readonly RowStep[] {
  const missing = wanted.filter((role) => rows.every((row) => row.role !== role))
  const extra = rows.filter(({ role }) => !wanted.includes(role))
  const doubles = rows.filter(
    ({ role }, at) => wanted.includes(role) && rows.findIndex((row) => row.role === role) < at,
  )
  const spare = [...extra, ...doubles]
  const changes = missing.slice(0, spare.length).flatMap((role, at): RowStep[] => {
    const row = spare[at]
    return row === undefined ? [] : [{ kind: 'change', id: row.id, role }]
  })
  const adds = missing.slice(spare.length).map((role): RowStep => ({ kind: 'add', role }))
  const removes = extra.slice(missing.length).map(({ id }): RowStep => ({ kind: 'remove', id }))
  return [...changes, ...adds, ...removes]
}

/** The rows once a step is done, as it was asked for or as the answer tells of its row. */
export function afterStep(
  rows: readonly Standing[],
  step: RowStep,
  told?: Standing,
): readonly Standing[] {
  switch (step.kind) {
    case 'change':
      return rows.map((row) => (row.id === step.id ? (told ?? { ...row, role: step.role }) : row))
    case 'add':
      return [...rows, told ?? { id: '', role: step.role }]
    case 'remove':
      return rows.filter(({ id }) => id !== step.id)
    default:
      return step satisfies never
  }
}

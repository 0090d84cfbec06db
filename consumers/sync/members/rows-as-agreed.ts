import { isList, sameValue, type Value } from '../fields/value.ts'
import type { HintEvent } from '../hint.ts'
import type { PairMemory } from '../merge/memory.ts'
import { isMemberName } from './members.ts'
import type { MembersField } from './member-values.ts'
import { rolesOf, rowsOn, type Row } from './rows.ts'

/** By person in Outreach: the roles that were agreed there. */
function agreedRoles(
  { workbooks }: MembersField,
  { agreed }: PairMemory,
): ReadonlyMap<string, Value> {
  return new Map(
    Object.entries(agreed).flatMap(([name, { o, says }]) =>
      isMemberName(workbooks, name) && says?.[0] !== undefined && says[0] !== ''
        ? [[says[0], o] as const]
        : [],
    ),
  )
}

/** Whether the rows that hang on a record tell of nobody and nothing new. */
export function areRowsAsAgreed(
  line: MembersField,
  memory: PairMemory,
  attributes: Readonly<Record<string, unknown>>,
): boolean {
  const rows = rowsOn(attributes, line.members.rowType)
  // Where they cannot be read they are left alone.
  if (rows === undefined) return true
  if (memory.agreed[line.workbooks] === undefined) return false
  const known = agreedRoles(line, memory)
  const people = new Set([...rows.map(({ member }) => member), ...known.keys()])
  return [...people].every((id) => sameValue(rolesOf(rows, id), known.get(id) ?? null))
}

/** Whether an event tells of rows only what was agreed, and hides no edit that we wrote over. */
export function isRowEcho(line: MembersField, event: HintEvent, memory: PairMemory): boolean {
  const { rowType } = line.members
  const known = agreedRoles(line, memory)
  const isKnown = ({ member, role, isGone }: Row) => {
    const roles = known.get(member) ?? null
    return isGone === true ? !hasRole(roles, role) : hasRole(roles, role)
  }
  const isOurs = ({ id, role }: Row) =>
    (memory.patches ?? []).every(({ row }) => {
      return row?.id !== id || role === row.read || role === row.left
    })
  return (
    (rowsOn(event.changed, rowType) ?? []).every(isKnown) &&
    (rowsOn(event.before, rowType) ?? []).every(isOurs)
  )
}

function hasRole(roles: Value, role: string): boolean {
  return isList(roles) && roles.includes(role)
}

import { absentSuffix } from '../../../state/relations.ts'
import type { Field } from '../fields/field.ts'
import type { Value } from '../fields/value.ts'
import { readContacts, toContactColumns, toRoles } from './contacts.ts'
import type { Member, Members } from './members.ts'
import { rolesOf, rowsOn } from './rows.ts'

/** A field whose value is one person's roles on the record. */
export type MemberField = Field & { readonly members: Members; readonly member: Member }

/** The field that stands for all of them in the mapping; its own value is always blank. */
export type MembersField = Field & { readonly members: Members }

export function isMemberField(field: Field): field is MemberField {
  return field.form === 'member' && field.members !== undefined && field.member !== undefined
}

export function isMembersField(field: Field): field is MembersField {
  return field.form === 'members' && field.members !== undefined
}

/** The name that outcomes and people know a field by: a person's own field is that of all of them. */
export function toShownName(fields: readonly Field[], name: string): string {
  const field = fields.find(({ workbooks }) => {
    return workbooks === name || `${workbooks}${absentSuffix}` === name
  })
  return field !== undefined && isMemberField(field) ? field.members.idsColumn : name
}

type Named = Readonly<Record<string, unknown>>

/** The person's roles among the rows that hang on the record, or that an event tells of. */
export function readMemberRows({ members, member }: MemberField, attributes: Named): Value {
  return rolesOf(rowsOn(attributes, members.rowType) ?? [], member.outreachId)
}

/** The person's roles in the two columns. */
export function readMemberColumns({ members, member }: MemberField, columns: Named): Value {
  const own = readContacts(members, columns).filter(({ id }) => id === member.workbooksId)
  return toRoles(own.map(({ role }) => role))
}

/** Whether the record names anybody in its columns. */
export function hasContacts(fields: readonly Field[], columns: Named): boolean {
  const line = fields.find(isMembersField)
  return line !== undefined && readContacts(line.members, columns).length > 0
}

/** Both columns, once these fields have these values; nothing where none of them is a person's. */
export function toMemberColumns(
  fields: readonly Field[],
  values: Readonly<Record<string, Value>>,
  current: Named,
): Named {
  const written = fields.filter(isMemberField).filter(({ workbooks }) => workbooks in values)
  const [first] = written
  if (first === undefined) return {}
  const wanted = written.map(({ workbooks, member }): readonly [string, readonly string[]] => {
    const value = values[workbooks]
    return [member.workbooksId ?? '', Array.isArray(value) ? value : []]
  })
  return toContactColumns(first.members, new Map(wanted), current)
}

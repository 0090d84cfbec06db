import type { Field } from '../fields/field.ts'
import { isBlank } from '../fields/value.ts'
import type { Agreed } from '../merge/decide-field.ts'
import type { PairMemory } from '../merge/memory.ts'
import { isMemberName, toMemberName } from './members.ts'
import { isMemberField, isMembersField, type MemberField } from './member-values.ts'

type AgreedOnes = PairMemory['agreed']

/** Both ids, as far as there are any: once they change, what was agreed means something else. */
export function saysOfMember({ member }: MemberField): readonly [string, string] {
  return [member.outreachId ?? '', member.workbooksId ?? '']
}

/** What is kept beside a person's values: who it was, and in which rows. */
export function linkOfMember(
  field: MemberField,
  rows: readonly { readonly id: string }[] = (field.member.rowIds ?? []).map((id) => ({ id })),
): Pick<Agreed, 'says' | 'rows'> {
  const says = saysOfMember(field)
  return rows.length === 0 ? { says } : { says, rows: rows.map(({ id }) => id) }
}

/**
 * The memory as the merge needs it: where all who belonged to the record were agreed on before, a linked
 * person that it does not know was on neither side; what was kept of fields that there are no more goes.
 */
export function withAbsentMembers(memory: PairMemory, fields: readonly Field[]): PairMemory {
  const line = fields.find(isMembersField)
  if (line === undefined) return memory
  const own = fields.filter(isMemberField)
  const names = new Set(own.map(({ workbooks }) => workbooks))
  const kept = Object.entries(memory.agreed).filter(
    ([name]) => !isMemberName(line.workbooks, name) || names.has(name),
  )
  if (memory.agreed[line.workbooks] === undefined) {
    return { ...memory, agreed: Object.fromEntries(kept) }
  }
  const absent = own
    .filter((field) => isNew(field, line.workbooks, memory.agreed))
    .map((field): readonly [string, Agreed] => {
      return [field.workbooks, { w: null, o: null, says: saysOfMember(field) }]
    })
  return { ...memory, agreed: Object.fromEntries<Agreed>([...kept, ...absent]) }
}

/** Linked, and on neither side when we last looked, under whatever name. */
function isNew({ workbooks, member }: MemberField, base: string, agreed: AgreedOnes): boolean {
  const { workbooksId, outreachId } = member
  if (workbooksId === undefined || outreachId === undefined) return false
  return agreed[workbooks] === undefined && agreed[toMemberName(base, { outreachId })] === undefined
}

/** What need not be kept: that somebody is on neither side. */
export function withoutAbsentMembers(agreed: AgreedOnes, fields: readonly Field[]): AgreedOnes {
  const own = new Set(fields.filter(isMemberField).map(({ workbooks }) => workbooks))
  return Object.fromEntries(
    Object.entries(agreed).filter(
      ([name, { w, o }]) => !own.has(name) || !isBlank(w) || !isBlank(o),
    ),
  )
}

/** Everybody who belongs to the record was agreed on: from now on nobody else is on either side. */
export function withMembersMet(memory: PairMemory, fields: readonly Field[]): PairMemory {
  const line = fields.find(isMembersField)
  if (line === undefined || memory.agreed[line.workbooks] !== undefined) return memory
  return { ...memory, agreed: { ...memory.agreed, [line.workbooks]: { w: null, o: null } } }
}

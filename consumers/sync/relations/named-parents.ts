import { readRecordRef, toRecordRef, type RecordRef } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import { isBlank, type Value } from '../fields/value.ts'
import { isMemberField, isMembersField, type MemberField } from '../members/member-values.ts'
import { isMemberName } from '../members/members.ts'
import { absentSuffix, unaskedSuffix } from '../../../state/relations.ts'
import type { Carrier, Values } from '../merge/merge-fields.ts'
import type { PairMemory } from '../merge/memory.ts'

/** A parent that a pair names, and by which field. */
export type NamedParent = {
  readonly field: string
  readonly parent: RecordRef
  /** It has no partner yet. */
  readonly isAwaited: boolean
  /** It has one, and is not eligible: what is wanted of it waits until it takes part again. */
  readonly isAbsent?: true
  /** It is waited for, and nobody has asked for it: an old pair named it before we came (rulebook 3). */
  readonly isUnasked?: true
}

type Sides = { readonly w: Values; readonly o: Values }

/** The parents that a pair names on either side. */
export function toNamedParents(
  fields: readonly Field[],
  { w, o }: Sides,
  carrierOf: (field: Field) => Carrier,
): readonly NamedParent[] {
  return fields.flatMap((field) => {
    const { workbooks: name, parent } = field
    if (isMemberField(field)) return toNamedMember(field, { w: w[name], o: o[name] })
    if (field.form !== 'parent' || parent === undefined) return []
    const carrier = carrierOf(field)
    const sides = [
      { of: `workbooks:${parent.kind}`, id: w[name] ?? null, say: carrier.asOutreach },
      { of: `outreach:${parent.outreachType}`, id: o[name] ?? null, say: carrier.asWorkbooks },
    ]
    return sides.flatMap(({ of, id, say }) => {
      const parts = readRecordRef(`${of}:${typeof id === 'string' ? id : ''}`)
      if (parts === undefined) return []
      const isAwaited = say(id).kind === 'not-yet'
      return [{ field: name, parent: toRecordRef(parts), isAwaited }]
    })
  })
}

/** A person who is a contact on either side, linked or waited for; whoever is none is left alone. */
function toNamedMember(
  one: MemberField,
  { w = null, o = null }: { readonly w: Value | undefined; readonly o: Value | undefined },
): readonly NamedParent[] {
  const { workbooks: field, member, members } = one
  const { workbooksId, outreachId, goneFrom } = member
  if (member.isStranger === true || (isBlank(w) && isBlank(o))) return []
  // By one name alone, so that their pair wakes us once it is opened again.
  if (goneFrom !== undefined) return toAbsent(one).map((named) => ({ ...named, isAwaited: true }))
  const isAwaited = workbooksId === undefined || outreachId === undefined
  const both = [
    `workbooks:${members.kind}:${workbooksId ?? ''}`,
    `outreach:${members.outreachType}:${outreachId ?? ''}`,
  ]
  return both.flatMap((ref) => {
    const parts = readRecordRef(ref)
    return parts === undefined ? [] : [{ field, parent: toRecordRef(parts), isAwaited }]
  })
}

/** How a person who is not eligible is named, beside their other names: alone, so that they wake who waits. */
export function toAbsentMember(field: MemberField): readonly NamedParent[] {
  return toAbsent(field).map((named) => ({ ...named, isAwaited: false, isAbsent: true }))
}

function toAbsent({ workbooks, member, members }: MemberField) {
  const parts = readRecordRef(`workbooks:${members.kind}:${member.workbooksId ?? ''}`)
  if (parts === undefined) return []
  const field = `${workbooks}${absentSuffix}`
  return [{ field, parent: toRecordRef(parts) }]
}

/** Keeps in mind whom the pair names; of fields that are not merged now, what is known stays. */
export function rememberParents(
  memory: PairMemory,
  fields: readonly Field[],
  named: readonly NamedParent[],
): PairMemory {
  const { parents: known = [] } = memory
  const merged = new Set(fields.map(({ workbooks }) => workbooks))
  const lines = fields.filter(isMembersField)
  const isMerged = (name: string) =>
    merged.has(name) || lines.some(({ workbooks }) => isMemberName(workbooks, name))
  const others = known.filter((one) => !isMerged(fieldOfKey(one)))
  const parents = [...others, ...named.map(toParentKey)].sort()
  return { ...without(memory), ...(parents.length === 0 ? {} : { parents }) }
}

function without(memory: PairMemory): PairMemory {
  const { parents, ...rest } = memory
  return parents === undefined ? memory : rest
}

/** The memory with the parents that another one knows. */
export function withParentsOf({ parents }: PairMemory, memory: PairMemory): PairMemory {
  return { ...without(memory), ...(parents === undefined ? {} : { parents }) }
}

/** As the memory keeps it. */
export function toParentKey({
  field,
  parent,
  isUnasked,
}: Pick<NamedParent, 'field' | 'parent' | 'isUnasked'>): string {
  return `${field}${isUnasked === true ? unaskedSuffix : ''} ${parent}`
}

/** Keys of the memory, asked for or not. */
export function toAskedKeys({ parents = [] }: PairMemory): readonly string[] {
  return parents.map((key) => `${fieldOfKey(key)}${key.slice(key.lastIndexOf(' '))}`)
}

/** A field's name may hold blanks, a reference does not. */
function fieldOfKey(key: string): string {
  const name = key.slice(0, key.lastIndexOf(' '))
  return name.endsWith(unaskedSuffix) ? name.slice(0, -unaskedSuffix.length) : name
}

import type { Field } from '../fields/field.ts'
import type { Translation } from '../fields/form.ts'
import { isBlank, isList, sameValue, type Value } from '../fields/value.ts'
import type { Carrier } from '../merge/merge-fields.ts'
import { whyNotInArray } from './contacts.ts'
import { isLinkedMember } from './members.ts'

/** How one person's roles are carried over: as they are, once the person is linked (rulebook 7). */
export function makeMemberCarrier({ member, members }: Pick<Field, 'member' | 'members'>): Carrier {
  const { isStranger, unwritable } = member ?? {}
  const isLinked = isLinkedMember(member ?? {})
  const unlinked: Translation =
    isStranger === true ? { kind: 'no-word', blankWhenChanged: false } : { kind: 'not-yet' }
  return {
    meansSame: (w, o) => (isLinked ? sameValue(w, o) : isBlank(w) && isBlank(o)),
    asOutreach: (w) => {
      if (isBlank(w)) return { kind: 'value', value: null }
      return isLinked ? inRows(w, members?.roleMaxLength) : unlinked
    },
    asWorkbooks: (o) => {
      if (!isLinked) return isBlank(o) ? { kind: 'value', value: null } : unlinked
      const why =
        unwritable ??
        toList(o)
          .map(whyNotInArray)
          .find((one) => one !== undefined)
      return why === undefined ? { kind: 'value', value: o } : { kind: 'cannot', why }
    },
  }
}

function inRows(w: Value, most = Number.POSITIVE_INFINITY): Translation {
  const longest = Math.max(0, ...toList(w).map((role) => Array.from(role).length))
  return longest <= most
    ? { kind: 'value', value: w }
    : { kind: 'cannot', why: `a role has ${longest} characters, and ${most} are allowed` }
}

function toList(value: Value): readonly string[] {
  return isList(value) ? value : []
}

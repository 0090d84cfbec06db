import type { Field } from '../fields/field.ts'
import { forms, type Translation } from '../fields/form.ts'
import type { Value } from '../fields/value.ts'
import type { Carrier } from './merge-fields.ts'
import { makeMemberCarrier } from '../members/member-carrier.ts'
import { makeOptOutCarrier } from './opt-out.ts'

/** Whoever answers for the fields whose values have to be looked up; absent: they are taken as text. */
type Lookups = {
  readonly owner: Carrier
  readonly stage?: Carrier
  /** Of fields that name records of another kind. */
  readonly parentOf?: (field: Field) => Carrier
}

/** How each field is carried over. */
export function makeCarrierOf({ owner, stage, parentOf }: Lookups): (field: Field) => Carrier {
  return (field) => {
    if (field.form === 'owner') return owner
    if (field.form === 'stage') return stage ?? carrierOfForm(field)
    if (field.form === 'parent') return parentOf?.(field) ?? carrierOfForm(field)
    if (field.form === 'member') return makeMemberCarrier(field)
    return field.form === 'opt-out' ? makeOptOutCarrier(field.outreach) : carrierOfForm(field)
  }
}

function carrierOfForm(field: Field): Carrier {
  const form = forms[field.form]
  return {
    meansSame: form.means,
    asOutreach: (w) => fitted(form.carry(w), field.maxLength),
    // Workbooks takes text for any other column that we map (workbooks-api 4).
    asWorkbooks: (o) =>
      fitted(form.carryBack?.(o) ?? { kind: 'value', value: o }, field.workbooksMaxLength),
  }
}

/** Values that do not fit are not cut silently: they are left out, with the reason (rulebook 8). */
function fitted(carried: Translation, maxLength: number | undefined): Translation {
  if (carried.kind !== 'value' || maxLength === undefined) return carried
  const length = lengthOf(carried.value)
  return length <= maxLength
    ? carried
    : {
        kind: 'cannot',
        why: `it has ${length} characters, and ${maxLength} are allowed`,
      }
}

function lengthOf(value: Value): number {
  // Characters as a person counts them; both systems store Unicode code points.
  return typeof value === 'string' ? Array.from(value).length : 0
}

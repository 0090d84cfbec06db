import type { Field } from '../fields/field.ts'
import type { Translation } from '../fields/form.ts'
import { isBlank, sameValue, type Value } from '../fields/value.ts'
import type { System } from '../../../schemas/record-ref.ts'
import { decideOptOutSource } from './opt-out.ts'

/** The two values that meant the same, or stood apart, when we last looked (rulebook 1). */
export type Agreed = {
  readonly w: Value
  readonly o: Value
  /** They differ since the pair was first met: known to stand apart (rulebook 3). */
  readonly apart?: true
  /**
   * Of a link: what each of the two was on the other side when this was kept, empty where nothing. Once a
   * parent is linked, or linked elsewhere, they mean something else: as never agreed (rulebook 7).
   */
  readonly says?: readonly [asOutreach: string, asWorkbooks: string]
  /** Of a person of a record: the rows that told so in Outreach. */
  readonly rows?: readonly string[]
}

export type FieldNow = {
  readonly w: Value
  readonly o: Value
  /** Undefined: just linked by us, never agreed. */
  readonly agreed: Agreed | undefined
  readonly meansSame: boolean
  /** `w` as Outreach would hold it, and `o` as Workbooks would. */
  readonly asOutreach: Translation
  readonly asWorkbooks: Translation
  /** When each side's present value came to be, epoch seconds; 0 where nobody knows. */
  readonly wTime: number
  readonly oTime: number
  /** Met before its turn, by an event of Outreach: what is not named stays as it stands (rulebook 3). */
  readonly standsUnlessNamed?: { readonly named: boolean }
  /** Met by the Outreach Id that a person put there, through an event of Outreach that names the field. */
  readonly namedFirst?: boolean
  /** A field that stands apart, and a hint decides it as if the pair had just been linked. */
  readonly decideApart?: System
}

export type Conflict = {
  readonly winner: System
  readonly loser: System
  readonly losingValue: Value
}

export type FieldConflict = Conflict & { readonly field: string }

export type Decision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'agree'; readonly agreed: Agreed }
  | { readonly kind: 'send'; readonly value: Value; readonly conflict?: Conflict }
  | { readonly kind: 'receive'; readonly value: Value; readonly conflict?: Conflict }
  | { readonly kind: 'leave-out'; readonly why: string; readonly side: System }
  /** What changed names a record that has no partner yet: it stays a change until then. */
  | { readonly kind: 'wait'; readonly side: System }

type Rule = Pick<Field, 'direction' | 'onConflict' | 'onLink'> & Partial<Pick<Field, 'form'>>

/** The table of rulebook 8, for one field. Pure: all that it needs is in its arguments. */
export function decideField(field: Rule, now: FieldNow): Decision {
  if (now.meansSame) return agreeOn(now)
  if (field.form === 'opt-out') return decideOptOut(field, now)
  if (now.standsUnlessNamed !== undefined) return decideBeforeItsTurn(field, now)
  if (now.agreed === undefined) {
    const isNamed = now.namedFirst === true && field.direction !== 'send'
    return isNamed ? receive(now) : decideNeverAgreed(field, now)
  }
  if (now.agreed.apart === true && now.decideApart !== undefined) {
    return decideApart(field, now, { agreed: now.agreed, by: now.decideApart })
  }
  return decideAgreedBefore(field, now, now.agreed)
}

function agreeOn({ w, o, agreed }: FieldNow): Decision {
  const isKnown =
    agreed !== undefined && !agreed.apart && sameValue(agreed.w, w) && sameValue(agreed.o, o)
  return isKnown ? { kind: 'nothing' } : { kind: 'agree', agreed: { w, o } }
}

/** Opt-outs stand apart nowhere, and ask no clock (rulebook 11). */
function decideOptOut({ direction }: Rule, now: FieldNow): Decision {
  const { w, o } = now
  const { source, isConflict } = decideOptOutSource(now)
  const against = source === 'workbooks' ? 'receive' : 'send'
  if (direction === against) return { kind: 'agree', agreed: { w, o } }
  const loser = source === 'workbooks' ? 'outreach' : 'workbooks'
  const losingValue = loser === 'outreach' ? o : w
  const conflict = isConflict ? ({ winner: source, loser, losingValue } as const) : undefined
  return source === 'workbooks' ? send(now, conflict) : receive(now, conflict)
}

function decideBeforeItsTurn(field: Rule, now: FieldNow): Decision {
  const { w, o } = now
  if (now.standsUnlessNamed?.named === true && field.direction !== 'send') return receive(now)
  return { kind: 'agree', agreed: mayStandApart(now) ? { w, o, apart: true } : { w, o } }
}

/**
 * Whether two values that differ stand apart. What cannot be compared yet does not: the parent's link
 * decides it. Nor does an owner whom nobody on the other side is, and none there (rulebook 9).
 */
export function mayStandApart({
  w,
  o,
  asOutreach,
  asWorkbooks,
}: Pick<FieldNow, 'w' | 'o' | 'asOutreach' | 'asWorkbooks'>): boolean {
  if ([asOutreach, asWorkbooks].some(({ kind }) => kind === 'not-yet')) return false
  const isWordless = isBlank(w) ? asWorkbooks.kind : asOutreach.kind
  return !((isBlank(w) || isBlank(o)) && isWordless === 'no-word')
}

type Apart = { readonly agreed: Agreed; readonly by: System }

/** As if the hint had come first; an edit since then is an edit against it, and is never lost unnamed. */
function decideApart(field: Rule, now: FieldNow, { agreed, by }: Apart): Decision {
  const wChanged = !sameValue(now.w, agreed.w)
  const oChanged = !sameValue(now.o, agreed.o)
  const isAgainst = by === 'outreach' ? wChanged : oChanged
  if (isAgainst && field.direction === 'both') return decideConflict(field, now)
  if (wChanged || oChanged) return decideAgreedBefore(field, now, agreed)
  if (by === 'workbooks') return decideNeverAgreed(field, now)
  return field.direction === 'send' ? { kind: 'nothing' } : receive(now)
}

function decideNeverAgreed(field: Rule, now: FieldNow): Decision {
  const remember: Decision = { kind: 'agree', agreed: { w: now.w, o: now.o } }
  const direction = directionAtLinking(field, now)
  if (direction === undefined) return remember
  const source = direction === 'send' ? now.asOutreach : now.asWorkbooks
  // What the other side has no word for stays remembered in its own form, and overwrites nothing.
  if (source.kind === 'no-word' || source.kind === 'not-yet') return remember
  return direction === 'send' ? send(now) : receive(now)
}

/** A blank side takes the other's value; a one-way field follows its way, but a blank clears nothing. */
function directionAtLinking(field: Rule, { w, o }: FieldNow): 'send' | 'receive' | undefined {
  switch (field.direction) {
    case 'send':
      return isBlank(w) ? undefined : 'send'
    case 'receive':
      return isBlank(o) ? undefined : 'receive'
    case 'both':
      if (isBlank(w)) return 'receive'
      if (isBlank(o)) return 'send'
      return field.onLink === 'workbooks' ? 'send' : 'receive'
    default:
      return field.direction satisfies never
  }
}

function decideAgreedBefore(field: Rule, now: FieldNow, agreed: Agreed): Decision {
  const { w, o } = now
  const wChanged = !sameValue(w, agreed.w)
  const oChanged = !sameValue(o, agreed.o)
  if (!wChanged && !oChanged) return { kind: 'nothing' }
  // The other direction is never written; what changed there is only remembered.
  if (field.direction === 'send') return wChanged ? send(now) : { kind: 'agree', agreed: { w, o } }
  if (field.direction === 'receive') {
    return oChanged ? receive(now) : { kind: 'agree', agreed: { w, o } }
  }
  if (wChanged && oChanged) return decideConflict(field, now)
  return wChanged ? send(now) : receive(now)
}

function decideConflict({ onConflict }: Rule, now: FieldNow): Decision {
  // Whole seconds; a tie goes to Workbooks.
  const latest = now.oTime > now.wTime ? 'outreach' : 'workbooks'
  const winner = onConflict === 'latest' ? latest : onConflict
  return winner === 'workbooks'
    ? send(now, { winner, loser: 'outreach', losingValue: now.o })
    : receive(now, { winner, loser: 'workbooks', losingValue: now.w })
}

function send(now: FieldNow, conflict?: Conflict): Decision {
  return carry(now, { to: 'outreach', translation: now.asOutreach, conflict })
}

function receive(now: FieldNow, conflict?: Conflict): Decision {
  return carry(now, { to: 'workbooks', translation: now.asWorkbooks, conflict })
}

type Carried = {
  readonly to: System
  readonly translation: Translation
  readonly conflict: Conflict | undefined
}

function carry({ w, o }: FieldNow, { to, translation, conflict }: Carried): Decision {
  const kind = to === 'outreach' ? 'send' : 'receive'
  const why = conflict === undefined ? {} : { conflict }
  switch (translation.kind) {
    case 'value':
      return { kind, value: translation.value, ...why }
    case 'no-word':
      return translation.blankWhenChanged && !isBlank(to === 'outreach' ? o : w)
        ? { kind, value: null, ...why }
        : { kind: 'agree', agreed: { w, o } }
    case 'cannot':
      return { kind: 'leave-out', why: translation.why, side: to }
    case 'not-yet':
      return { kind: 'wait', side: to }
    default:
      return translation satisfies never
  }
}

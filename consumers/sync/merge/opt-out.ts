import type { System } from '../../../schemas/record-ref.ts'
import type { Translation } from '../fields/form.ts'
import { isList, sameValue, type Value } from '../fields/value.ts'

type Now = {
  /** TRUE, FALSE, or null where our user is not shown the column. */
  readonly w: Value
  /** The names of Outreach's marks that are TRUE; null where it tells of none. */
  readonly o: Value
  readonly agreed: { readonly w: Value; readonly o: Value; readonly apart?: true } | undefined
}

export type OptOutSource = {
  /** Whose value is carried over to the other side. */
  readonly source: System
  /** Both sides had changed, to different values. */
  readonly isConflict: boolean
}

/**
 * The two sides differ: TRUE crosses, but for one case: TRUE was agreed, one side still has exactly what
 * was agreed, and a person took it back on the other (rulebook 11).
 */
export function decideOptOutSource({ w, o, agreed }: Now): OptOutSource {
  const out: System = isOut(w) ? 'workbooks' : 'outreach'
  const other: System = out === 'workbooks' ? 'outreach' : 'workbooks'
  if (agreed === undefined || agreed.apart === true) return { source: out, isConflict: false }
  const isConflict = !sameValue(w, agreed.w) && !sameValue(o, agreed.o)
  const wasOut = isOut(agreed.w) && isOut(agreed.o)
  const stillStands = out === 'workbooks' ? sameValue(w, agreed.w) : sameValue(o, agreed.o)
  // What is not shown is not FALSE.
  const isTold = (other === 'workbooks' ? w : o) !== null
  return { source: wasOut && stillStands && isTold ? other : out, isConflict }
}

/** How an opt-out is compared and carried over; `written` is the mark that we set in Outreach. */
export function makeOptOutCarrier(written: string) {
  const unknown: Translation = { kind: 'cannot', why: 'it is not shown to our user' }
  return {
    meansSame: (w: Value, o: Value): boolean => isOut(w) === isOut(o),
    asOutreach: (w: Value): Translation =>
      w === null ? unknown : { kind: 'value', value: isOut(w) ? [written] : [] },
    asWorkbooks: (o: Value): Translation =>
      o === null ? unknown : { kind: 'value', value: isOut(o) },
  }
}

/** TRUE on either side. */
export function isOut(value: Value): boolean {
  return isList(value) ? value.length > 0 : value === true
}

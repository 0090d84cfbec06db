import type { System } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import type { Translation } from '../fields/form.ts'
import { isBlank, sameValue, type Value } from '../fields/value.ts'
import { isMemberField } from '../members/member-values.ts'
import { linkOfMember } from '../members/members-memory.ts'
import { decideField, type Agreed, type Decision, type FieldConflict } from './decide-field.ts'
import type { PairMemory, SeenChange } from './memory.ts'

export type Values = Readonly<Record<string, Value>>

/** How one field's values are compared and carried over, with everything looked up beforehand. */
export type Carrier = {
  readonly meansSame: (w: Value, o: Value) => boolean
  readonly asOutreach: (w: Value) => Translation
  readonly asWorkbooks: (o: Value) => Translation
}

/** What the hint says about how the pair is met. */
export type Meeting = {
  /** A pair of the old plug-in, met by an event of Outreach before its turn (rulebook 3). */
  readonly standsUnlessNamed: boolean
  /** The pair is linked by its Outreach Id now, by an event of Outreach: what it names wins (rulebook 3). */
  readonly namedFirst?: boolean | undefined
  /** Outreach attributes that the hint's events name as changed, with the named values. */
  readonly named: Values
  /** A hint of Workbooks about a record that had changed between first connection and our first read. */
  readonly workbooksDecidesApart: boolean
}

export type MergeInput = {
  readonly fields: readonly Field[]
  readonly carrierOf: (field: Field) => Carrier
  readonly w: Values
  readonly o: Values
  readonly memory: PairMemory
  readonly meeting: Meeting
  readonly timeOf: (field: Field, side: System) => number
}

export type Merged = {
  /** By field: the value in the target's form, to be written. */
  readonly send: Values
  readonly receive: Values
  /** By field, without those to be written: their answers decide. */
  readonly agreed: Readonly<Record<string, Agreed>>
  readonly conflicts: readonly FieldConflict[]
  readonly leftOut: readonly {
    readonly field: string
    readonly why: string
    readonly side: System
  }[]
  /** By `<side>/<field>`: changes that stay unsettled if the writes fail, with the times they have now. */
  readonly seen: Readonly<Record<string, SeenChange>>
}

/** Merges every field of a pair (rulebook 8). Pure, and total: whatever stands on either side has an answer. */
export function mergeFields(input: MergeInput): Merged {
  const send: Record<string, Value> = {}
  const receive: Record<string, Value> = {}
  const agreed: Record<string, Agreed> = { ...input.memory.agreed }
  const merging = new Set(input.fields.map(({ workbooks }) => workbooks))
  const conflicts: FieldConflict[] = []
  const leftOut: { field: string; why: string; side: System }[] = []
  // Of fields that are not merged now, what was seen stays.
  const seen: Record<string, SeenChange> = Object.fromEntries(
    Object.entries(input.memory.seen ?? {}).filter(([key]) => !merging.has(toFieldName(key))),
  )

  for (const field of input.fields) {
    // Each of them has a field of their own.
    if (field.form === 'members') continue
    const name = field.workbooks
    const now = toFieldNow(field, input)
    const decision = decideOrWait(field, now)
    const remembered = toRemembered(decision, now)
    if (remembered !== undefined) agreed[name] = remembered
    if (decision.kind === 'leave-out') {
      leftOut.push({ field: name, why: decision.why, side: decision.side })
    }
    if (decision.kind === 'send' || decision.kind === 'receive') {
      const target = decision.kind === 'send' ? send : receive
      target[name] = decision.value
      if (decision.conflict !== undefined) conflicts.push({ field: name, ...decision.conflict })
    }
    if (decision.kind !== 'agree') Object.assign(seen, toSeen(name, now))
  }
  return { send, receive, agreed, conflicts, leftOut, seen }
}

/** What is agreed, or at least known, by the decision itself; of writes the answers decide. */
function toRemembered(decision: Decision, now: Now): Agreed | undefined {
  if (decision.kind === 'agree') return { ...decision.agreed, ...now.link }
  if (decision.kind !== 'wait') return undefined
  const isSettled = now.agreed !== undefined && now.agreed.apart !== true
  return isSettled ? undefined : toChanged(now, decision.side)
}

function toFieldNow(field: Field, input: MergeInput) {
  const { memory, meeting } = input
  const carrier = input.carrierOf(field)
  const w = input.w[field.workbooks] ?? null
  const o = input.o[field.workbooks] ?? null
  const link = toLink(field, carrier, { w, o })
  const known = memory.agreed[field.workbooks]
  const lost = isMemberField(field) ? isSomebodyElse : hasLostItsMeaning
  const agreed = lost(carrier, { w, o, ...link, known }) ? undefined : known
  const namedValue = meeting.named[field.workbooks]
  const decideApart = agreed?.apart === true ? whoDecidesApart(agreed, namedValue, meeting) : null
  return {
    w,
    o,
    agreed,
    link,
    meansSame: carrier.meansSame(w, o),
    asOutreach: carrier.asOutreach(w),
    asWorkbooks: carrier.asWorkbooks(o),
    wTime: input.timeOf(field, 'workbooks'),
    oTime: input.timeOf(field, 'outreach'),
    ...(meeting.standsUnlessNamed && agreed === undefined
      ? { standsUnlessNamed: { named: namedValue !== undefined } }
      : {}),
    ...(meeting.namedFirst === true && namedValue !== undefined ? { namedFirst: true } : {}),
    ...(decideApart === null ? {} : { decideApart }),
  }
}

/** Whose pair is closed waits for it to be opened again: until then nothing is decided, or agreed. */
function decideOrWait(field: Field, now: Now): Decision {
  const goneFrom = isMemberField(field) ? field.member.goneFrom : undefined
  if (goneFrom === undefined) return decideField(field, now)
  if (!wentAlong(goneFrom, now)) return { kind: 'nothing' }
  // As if the person had been on neither side: what is left on the other one counts.
  return { kind: 'agree', agreed: { w: null, o: null } }
}

/** The record took its part along as it went: that dismissed nobody. */
function wentAlong(from: System, { w, o, agreed }: Now): boolean {
  if (agreed === undefined) return false
  return from === 'workbooks' ? isBlank(w) && !isBlank(agreed.w) : isBlank(o) && !isBlank(agreed.o)
}

type Sides = { readonly w: Value; readonly o: Value }

function toLink(field: Field, carrier: Carrier, both: Sides): Pick<Agreed, 'says' | 'rows'> {
  if (isMemberField(field)) return linkOfMember(field)
  return field.form === 'parent' ? { says: toSays(carrier, both) } : {}
}

/** A person was linked, or linked elsewhere, since: as never agreed (rulebook 7). */
function isSomebodyElse(_carrier: Carrier, { w, o, says, known }: Link): boolean {
  if (known === undefined || known.apart === true) return false
  if (known.says !== undefined) return !sameValue(says ?? [], known.says)
  // After a write of ours: nothing has happened since.
  return sameValue(known.w, w) && sameValue(known.o, o)
}

/** What a link's values are on the other side by now; empty where they are nothing there. */
export function toSays(
  { asOutreach, asWorkbooks }: Carrier,
  { w, o }: Sides,
): readonly [string, string] {
  return [toWord(asOutreach(w)), toWord(asWorkbooks(o))]
}

function toWord(said: Translation): string {
  return said.kind === 'value' && typeof said.value === 'string' ? said.value : ''
}

type Link = {
  readonly w: Value
  readonly o: Value
  readonly says?: readonly [string, string]
  readonly known: Agreed | undefined
}

/** A parent was linked, or linked elsewhere, or its account is gone: as never agreed (rulebook 7). */
function hasLostItsMeaning({ asWorkbooks }: Carrier, { w, o, says, known }: Link): boolean {
  if (says === undefined || known === undefined || known.apart === true) return false
  if (!sameValue(known.w, w)) return false
  // Whoever deleted the account did not dismiss its people.
  if (isBlank(o) && !isBlank(known.o)) return asWorkbooks(known.o).kind === 'not-yet'
  return sameValue(known.o, o) && !sameValue(says, known.says ?? [])
}

/** The side that waits to be carried over has changed, whatever it was before. */
function toChanged({ w, o, link }: Now, to: System): Agreed {
  return to === 'workbooks' ? { w, o: null, ...link } : { w: null, o, ...link }
}

/** Of a key `<side>/<field>`. */
function toFieldName(key: string): string {
  return key.slice(key.indexOf('/') + 1)
}

/** An event of Outreach that names the value remembered as `ao`, else a hint of Workbooks (rulebook 3). */
function whoDecidesApart(
  agreed: Agreed,
  named: Value | undefined,
  { workbooksDecidesApart }: Meeting,
): System | null {
  if (named !== undefined && sameValue(named, agreed.o)) return 'outreach'
  return workbooksDecidesApart ? 'workbooks' : null
}

type Now = ReturnType<typeof toFieldNow>

/** By `<side>/<field>`. */
function toSeen(name: string, { w, o, agreed, wTime, oTime }: Now): Record<string, SeenChange> {
  const seen: Record<string, SeenChange> = {}
  if (agreed === undefined) return seen
  if (!sameValue(w, agreed.w)) seen[`workbooks/${name}`] = { value: w, time: wTime }
  if (!sameValue(o, agreed.o)) seen[`outreach/${name}`] = { value: o, time: oTime }
  return seen
}

/** What a create carries: every value of the source that is not blank (rulebook 4, 6). */
export function valuesToCreate(
  input: Pick<MergeInput, 'fields' | 'carrierOf'>,
  from: { readonly side: System; readonly values: Values },
): Pick<Merged, 'leftOut'> & { readonly values: Values } {
  const values: Record<string, Value> = {}
  const leftOut: { field: string; why: string; side: System }[] = []
  const against = from.side === 'workbooks' ? 'receive' : 'send'
  const side = from.side === 'workbooks' ? 'outreach' : 'workbooks'
  for (const field of input.fields) {
    const value = from.values[field.workbooks] ?? null
    if (field.direction === against || isBlank(value)) continue
    const carrier = input.carrierOf(field)
    const carried =
      from.side === 'workbooks' ? carrier.asOutreach(value) : carrier.asWorkbooks(value)
    if (carried.kind === 'value' && !isBlank(carried.value)) values[field.workbooks] = carried.value
    if (carried.kind === 'cannot') leftOut.push({ field: field.workbooks, why: carried.why, side })
  }
  return { values, leftOut }
}

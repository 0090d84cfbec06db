import { printDay, toDay } from './day.ts'
import { isMixed, readMoney, toWholeUnits } from './money.ts'
import { isList, sameValue, toMatchKey, type Value } from './value.ts'

/** What a value means on the other side: a value to write there, or why it cannot be written. */
export type Translation =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'cannot'; readonly why: string }
  /** The other side has no word for it (an owner without a user there): rulebook 9. */
  | { readonly kind: 'no-word'; readonly blankWhenChanged: boolean }
  /** The record that it names has no partner yet, and is waited for (rulebook 6, 7). */
  | { readonly kind: 'not-yet' }

/** How values of one sort are read from either system, compared, and carried over. */
export type Form = {
  readonly read: (raw: unknown) => Value
  /** The value as the other system holds it; a value of Workbooks where `carryBack` is there too. */
  readonly carry: (value: Value) => Translation
  /** A value of Outreach as Workbooks holds it; absent where Workbooks takes it as it is. */
  readonly carryBack?: (value: Value) => Translation
  readonly means: (left: Value, right: Value) => boolean
}

/**
 * `date`: a day here, a date-time there; `money`: an amount with its currency here, whole units there;
 * `owner`: a user there, a queue here; `parent`: a record of another kind on either side; `stage`: a name
 * here, a record of that name there; `opt-out`: a checkbox that only its own side takes back (rulebook 11); `members`: people with roles, two parallel
 * columns here, rows of their own there; `member`: one of them.
 */
export type FormName =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'list'
  | 'emails'
  | 'moment'
  | 'date'
  | 'money'
  | 'owner'
  | 'parent'
  | 'stage'
  | 'opt-out'
  | 'members'
  | 'member'

export const forms: Readonly<Record<FormName, Form>> = {
  text: { read: readText, carry: asText, means: sameText },
  integer: {
    read: readScalar,
    carry: asNumber(Number.isSafeInteger, 'whole number'),
    means: sameNumber,
  },
  number: { read: readScalar, carry: asNumber(Number.isFinite, 'number'), means: sameNumber },
  boolean: { read: readScalar, carry: asBoolean, means: sameBoolean },
  // Of a list one element is mapped, the first; the rest of it is kept (rulebook 8, `toOutreachWrite`).
  list: { read: readText, carry: asText, means: sameText },
  emails: { read: readText, carry: asText, means: sameAddress },
  moment: { read: readScalar, carry: asMoment, means: sameMoment },
  date: { read: readText, carry: asMidnight, carryBack: asDay, means: sameDay },
  money: { read: readMoney, carry: asWholeUnits, carryBack: asNothing, means: sameAmount },
  // How these are carried over and compared has to be looked up (`carriers.ts`); they are read like this.
  owner: { read: readText, carry: asText, means: sameText },
  parent: { read: readId, carry: asText, means: sameText },
  stage: { read: readText, carry: asText, means: sameText },
  'opt-out': { read: readScalar, carry: asBoolean, means: sameBoolean },
  // All people of a record: each is merged by a field of their own, `member` (`expandMembers`).
  members: { read: readNobody, carry: asText, means: sameText },
  member: { read: readNobody, carry: asText, means: sameValue },
}

function readText(raw: unknown): Value {
  if (raw === null || raw === undefined) return null
  if (Array.isArray(raw)) return raw.map(readText).find((item) => item !== null) ?? null
  const text = (typeof raw === 'string' ? raw : JSON.stringify(raw)).trim()
  return text === '' ? null : text
}

/** A link that names nobody may read 0. */
function readId(raw: unknown): Value {
  const id = readText(raw)
  return id === '0' ? null : id
}

function readNobody(): Value {
  return null
}

function readScalar(raw: unknown): Value {
  if (typeof raw === 'number' || typeof raw === 'boolean') return raw
  return readText(raw)
}

function asText(value: Value): Translation {
  if (isList(value)) return { kind: 'value', value: value.join(', ') }
  return { kind: 'value', value: value === null ? null : String(value) }
}

function asNumber(fits: (value: number) => boolean, called: string) {
  return (value: Value): Translation => {
    if (value === null) return { kind: 'value', value: null }
    const number = toNumber(value)
    if (number !== undefined && fits(number)) return { kind: 'value', value: number }
    return { kind: 'cannot', why: `it is not a ${called}` }
  }
}

function asBoolean(value: Value): Translation {
  if (value === null) return { kind: 'value', value: null }
  const meant = toBoolean(value)
  return meant === undefined
    ? { kind: 'cannot', why: 'it is neither true nor false' }
    : { kind: 'value', value: meant }
}

function asMoment(value: Value): Translation {
  if (value === null) return { kind: 'value', value: null }
  const at = toSecond(value)
  return at === undefined
    ? { kind: 'cannot', why: 'it is not a date and time' }
    : { kind: 'value', value: new Date(at * 1000).toISOString() }
}

/** Midnight by UTC: Outreach holds a date-time where Workbooks holds a day. */
function asMidnight(value: Value): Translation {
  if (value === null) return { kind: 'value', value: null }
  const day = toDay(value)
  return day === undefined ? noDate : { kind: 'value', value: `${day}T00:00:00.000Z` }
}

function asDay(value: Value): Translation {
  if (value === null) return { kind: 'value', value: null }
  const day = toDay(value)
  return day === undefined ? noDate : { kind: 'value', value: printDay(day) }
}

const noDate: Translation = { kind: 'cannot', why: 'it is not a date' }

function asWholeUnits(value: Value): Translation {
  if (value === null) return { kind: 'cannot', why: 'Workbooks shows no amount' }
  if (isMixed(value)) return { kind: 'cannot', why: 'it mixes currencies' }
  const whole = toWholeUnits(value)
  return whole === undefined
    ? { kind: 'cannot', why: 'it is not an amount' }
    : { kind: 'value', value: whole }
}

function asNothing(): Translation {
  return { kind: 'cannot', why: 'Workbooks derives it from the line items' }
}

function sameText(left: Value, right: Value): boolean {
  return sameValue(readText(left), readText(right))
}

/** Addresses are compared in lower case (rulebook 8). */
function sameAddress(left: Value, right: Value): boolean {
  const [one, two] = [readText(left), readText(right)]
  return one === null || two === null
    ? one === two
    : toMatchKey(String(one)) === toMatchKey(String(two))
}

function sameNumber(left: Value, right: Value): boolean {
  const [one, two] = [toNumber(left), toNumber(right)]
  return one === undefined || two === undefined ? sameText(left, right) : one === two
}

function sameBoolean(left: Value, right: Value): boolean {
  // Workbooks has no third value: what is blank in Outreach reads false there.
  return (toBoolean(left) ?? left ?? false) === (toBoolean(right) ?? right ?? false)
}

function sameMoment(left: Value, right: Value): boolean {
  const [one, two] = [toSecond(left), toSecond(right)]
  return one === undefined || two === undefined ? sameText(left, right) : one === two
}

function sameDay(left: Value, right: Value): boolean {
  const [one, two] = [toDay(left), toDay(right)]
  return one === undefined || two === undefined ? sameText(left, right) : one === two
}

function sameAmount(left: Value, right: Value): boolean {
  const [one, two] = [toWholeUnits(left), toWholeUnits(right)]
  return one === undefined || two === undefined ? sameText(left, right) : one === two
}

const numeric = /^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/

function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !numeric.test(value)) return undefined
  return Number(value.replaceAll(',', ''))
}

const truths = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
])

function toBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === null || isList(value) ? undefined : truths.get(String(value).toLowerCase())
}

/** Epoch seconds, the resolution of both systems' times. */
function toSecond(value: Value): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const at = typeof value === 'number' ? value * 1000 : Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000)
}

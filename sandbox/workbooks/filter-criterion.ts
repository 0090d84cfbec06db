import { parseTime } from './parse-time.ts'
import type { Stored } from './row.ts'
import { isBlank } from './row.ts'
import type { Datatype } from './wire-values.ts'

export type CriterionContext = {
  readonly timeZone: string
  readonly foldAccents: boolean
  /** Epoch seconds. */
  readonly now: number
}

export type Test = (value: Stored) => boolean

/** An ordered value: a number, or the first and last second of a day. */
type Range = { readonly from: number; readonly to: number }

const times: readonly Datatype[] = ['date', 'datetime', 'var_date_time']
const numbers: readonly Datatype[] = ['integer', 'has_one', 'float', 'decimal', 'currency']

/** Splits at commas, for `eq` is an IN; `\,` is a comma that belongs to the value. */
export const splitCriterion = (text: string): readonly string[] =>
  text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','))

/** Case does not count, nor do blanks at the end, as in MySQL's usual collation (a guess of workbooks-api 3.3). */
export const folded = (text: string, foldAccents: boolean): string => {
  const lower = text.toLowerCase().trimEnd()
  return foldAccents ? lower.normalize('NFD').replaceAll(/\p{M}/gu, '') : lower
}

const toRange = (datatype: Datatype, text: string, zone: string): Range | undefined => {
  if (times.includes(datatype)) return parseTime(text, datatype === 'date' ? 'UTC' : zone)
  const number = Number.parseFloat(text)
  return Number.isFinite(number) ? { from: number, to: number } : undefined
}

const rangeOfValue = (datatype: Datatype, value: Stored): Range | undefined => {
  if (isBlank(value) || typeof value === 'object') return undefined
  if (typeof value === 'number') return { from: value, to: value }
  return toRange(datatype, String(value), 'UTC')
}

const isOrdered = (datatype: Datatype): boolean =>
  times.includes(datatype) || numbers.includes(datatype)

const equality = (datatype: Datatype, criterion: string, context: CriterionContext): Test => {
  const parts = splitCriterion(criterion)
  if (isOrdered(datatype)) {
    const wanted = parts.flatMap((part) => toRange(datatype, part, context.timeZone) ?? [])
    const exact = new Set(wanted.filter(({ from, to }) => from === to).map(({ from }) => from))
    const spans = wanted.filter(({ from, to }) => from !== to)
    return (value) => {
      const found = rangeOfValue(datatype, value)
      if (!found) return isBlank(value) && criterion === ''
      return exact.has(found.from) || spans.some((s) => found.from >= s.from && found.from <= s.to)
    }
  }
  if (datatype === 'boolean') {
    const wanted = parts.map((part) => ['1', 'true', 't', 'yes', 'y', 'on'].includes(part.trim()))
    return (value) => wanted.includes(value === true)
  }
  const wanted = new Set(parts.map((part) => folded(part, context.foldAccents)))
  return (value) => wanted.has(folded(textOf(value), context.foldAccents))
}

export const textOf = (value: Stored): string => {
  if (value === null) return ''
  return typeof value === 'object' ? `[${value.join(',')}]` : String(value)
}

const textTest = (
  criterion: string,
  context: CriterionContext,
  holds: (text: string, wanted: string) => boolean,
): Test => {
  const wanted = folded(criterion.replaceAll('\\,', ','), context.foldAccents)
  return (value) => holds(folded(textOf(value), context.foldAccents), wanted)
}

type Comparison = (value: Range, wanted: Range) => boolean

const comparisons: Readonly<Record<string, Comparison>> = {
  gt: (value, wanted) => value.from > wanted.to,
  ge: (value, wanted) => value.from >= wanted.from,
  lt: (value, wanted) => value.from < wanted.from,
  le: (value, wanted) => value.from <= wanted.to,
}

const ordering = (datatype: Datatype, wanted: Range | undefined, compare: Comparison): Test => {
  return (value) => {
    const found = rangeOfValue(datatype, value)
    return found !== undefined && wanted !== undefined && compare(found, wanted)
  }
}

const between = (datatype: Datatype, criterion: string, context: CriterionContext): Test => {
  const inner = criterion
    .trim()
    .replace(/^JSON\(/, '')
    .replace(/\)$/, '')
    .replaceAll(/^\[|\]$/g, '')
  const [low, high] = inner
    .split(',')
    .map((part) => part.trim().replaceAll(/^["']|["']$/g, ''))
    .map((part) => toRange(datatype, part, context.timeZone))
  return (value) => {
    const found = rangeOfValue(datatype, value)
    return !!found && !!low && !!high && found.from >= low.from && found.from <= high.to
  }
}

const today = (context: CriterionContext): Range => {
  const from = Math.floor(context.now / 86_400) * 86_400
  return { from, to: from + 86_399 }
}

const negated =
  (test: Test): Test =>
  (value) =>
    !test(value)

const dayTests = (
  type: string,
  datatype: Datatype,
  context: CriterionContext,
): Test | undefined => {
  const wanted = today(context)
  if (type === 'today')
    return ordering(datatype, wanted, (v, day) => v.from >= day.from && v.from <= day.to)
  const [name = '', suffix] = type.split('_')
  const compare = comparisons[name]
  return suffix === 'today' && compare ? ordering(datatype, wanted, compare) : undefined
}

/** The test of one filter (workbooks-api 3.3); undefined for a type that does not exist. */
export const makeTest = (
  filter: { readonly type: string; readonly criterion: string },
  datatype: Datatype,
  context: CriterionContext,
): Test | undefined => {
  const { type, criterion } = filter
  const simple: Readonly<Record<string, () => Test>> = {
    eq: () => equality(datatype, criterion, context),
    ne: () => negated(equality(datatype, criterion, context)),
    bg: () => textTest(criterion, context, (text, wanted) => text.startsWith(wanted)),
    nbg: () => textTest(criterion, context, (text, wanted) => !text.startsWith(wanted)),
    ct: () => textTest(criterion, context, (text, wanted) => text.includes(wanted)),
    nct: () => textTest(criterion, context, (text, wanted) => !text.includes(wanted)),
    between: () => between(datatype, criterion, context),
    not_between: () => negated(between(datatype, criterion, context)),
    blank: () => isBlank,
    not_blank: () => negated(isBlank),
    true: () => (value) => value === true,
    false: () => (value) => value !== true,
  }
  const found = simple[type]
  if (found) return found()
  const compare = comparisons[type]
  if (!compare) return dayTests(type, datatype, context)
  return ordering(datatype, toRange(datatype, criterion, context.timeZone), compare)
}

import { makeParameterError } from './api-error.ts'

export type ValueTest = (value: unknown) => boolean

export type FilterKind = 'text' | 'folded' | 'email' | 'number' | 'boolean' | 'time'

type Comparable = string | number | boolean

/** The classic syntax: exact, comma list, `a..b` with both ends inside, `__null__`, `__notnull__`. */
export function toClassicTest(kind: FilterKind, text: string, parameter: string): ValueTest {
  const nullTest = toNullTest(text)
  if (nullTest !== undefined) return nullTest
  const range = /^(.*?)\.\.(.*)$/.exec(text)
  if (range !== null) {
    const [, from = '', to = ''] = range
    const isAbove = toBoundTest(kind, { op: 'gte', text: from }, parameter)
    const isBelow = toBoundTest(kind, { op: 'lte', text: to }, parameter)
    return (value) => isAbove(value) && isBelow(value)
  }
  return toListTest(kind, text.split(','), parameter)
}

/** `newFilterSyntax`: each value means itself, so a comma or `..` in it is only text. */
export function toListTest(
  kind: FilterKind,
  texts: readonly string[],
  parameter: string,
): ValueTest {
  const [only = ''] = texts
  const nullTest = texts.length === 1 ? toNullTest(only) : undefined
  if (nullTest !== undefined) return nullTest
  const wanted = new Set(texts.map((text) => toComparable(kind, text, parameter)))
  return (value) => asList(value).some((item) => wanted.has(toComparable(kind, item, parameter)))
}

export function toBoundTest(
  kind: FilterKind,
  bound: { readonly op: 'gte' | 'lte'; readonly text: string },
  parameter: string,
): ValueTest {
  const isNotNull: ValueTest = (value) => value !== null
  if (bound.text === (bound.op === 'gte' ? 'neginf' : 'inf')) return isNotNull
  const limit = toComparable(kind, bound.text, parameter)
  return (value) => {
    if (value === null) return false
    const comparable = toComparable(kind, value, parameter)
    return bound.op === 'gte' ? comparable >= limit : comparable <= limit
  }
}

function toNullTest(text: string): ValueTest | undefined {
  if (text === '__null__') return (value) => value === null
  if (text === '__notnull__') return (value) => value !== null
  return undefined
}

function asList(value: unknown): readonly unknown[] {
  if (value === null) return []
  return Array.isArray(value) ? value : [value]
}

function toComparable(kind: FilterKind, value: unknown, parameter: string): Comparable {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  switch (kind) {
    case 'text':
      return text
    case 'folded':
    case 'email':
      return text.trim().toLowerCase()
    case 'boolean':
      return text === 'true'
    case 'number':
      return toNumber(Number(text), text, parameter)
    case 'time':
      return toNumber(Date.parse(text), text, parameter)
    default:
      return kind satisfies never
  }
}

function toNumber(number: number, text: string, parameter: string): number {
  if (!Number.isNaN(number)) return number
  throw makeParameterError(`'${text}' is not a valid value for ${parameter}.`, parameter)
}

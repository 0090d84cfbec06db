import { makeTooLongError, makeValidationError } from './api-error.ts'
import type { Attribute } from './resources.ts'
import { toWireTime } from './wire-time.ts'

/** The value as Outreach keeps it; a value that it would refuse is a 422 that points at the attribute. */
export function toStoredValue(attribute: Attribute, value: unknown): unknown {
  if (value === null || value === undefined) return attribute.kind === 'array' ? [] : null
  const complain = (detail: string) =>
    makeValidationError(
      `${toLabel(attribute.name)} ${detail}.`,
      `/data/attributes/${attribute.name}`,
    )
  if (attribute.kind === 'string') return toStoredText(attribute, value, complain)
  if (attribute.kind === 'array') {
    if (!Array.isArray(value)) throw complain('is not a list')
    return value.map((item: unknown) => toStoredItem(item, complain))
  }
  const { isGood, name } = scalars[attribute.kind]
  if (!isGood(value)) throw complain(`is not ${name}`)
  return value
}

const scalars = {
  integer: { isGood: Number.isInteger, name: 'an integer' },
  number: { isGood: (value: unknown) => typeof value === 'number', name: 'a number' },
  boolean: { isGood: (value: unknown) => typeof value === 'boolean', name: 'a boolean' },
  object: { isGood: (value: unknown) => typeof value === 'object', name: 'an object' },
} as const

function toStoredItem(item: unknown, complain: (detail: string) => Error): string {
  if (typeof item !== 'string') throw complain('holds something that is not a string')
  if (item.length > 255) throw makeTooLongError()
  return item
}

function toStoredText(
  attribute: Attribute,
  value: unknown,
  complain: (detail: string) => Error,
): string {
  const isCustom = /^custom\d+$/.test(attribute.name)
  // Custom fields are strings in the specification whatever their definition says (outreach-api 6.1).
  const isScalar = typeof value === 'number' || typeof value === 'boolean'
  const text = isCustom && isScalar ? String(value) : value
  if (typeof text !== 'string') throw complain('is not a string')
  if (attribute.maxLength !== undefined && Array.from(text).length > attribute.maxLength) {
    throw makeTooLongError()
  }
  if (attribute.format === 'date-time' || attribute.format === 'date') {
    const ms = Date.parse(text)
    if (Number.isNaN(ms)) throw complain('is not a valid date')
    // Date-only attributes come back as full date-times (outreach-api 6.1).
    return toWireTime(ms)
  }
  if (attribute.format === 'email' && !text.includes('@')) throw complain('is invalid')
  return text
}

/** `numberOfEmployees` as people read it: `Number of employees`. */
export function toLabel(name: string): string {
  const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

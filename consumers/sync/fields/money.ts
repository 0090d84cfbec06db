import { readCurrency } from '../../../clients/workbooks/wire-values.ts'
import type { Value } from './value.ts'

/** An amount of either system: `1234.50 GBP 3` in Workbooks, a number in Outreach; null where none is told. */
export function readMoney(raw: unknown): Value {
  if (typeof raw === 'number') return raw
  if (typeof raw !== 'string') return null
  const text = raw.trim()
  // A blank one is blanks and its flag (workbooks-api 4).
  return /^[0-3]?$/.test(text) ? null : text
}

/** Its parts are in several currencies, so that the sum is none. */
export function isMixed(value: Value): boolean {
  return readCurrency(value)?.code === '!!!'
}

/**
 * Whole currency units, for Outreach holds no others; a half is rounded away from zero: 1234.50 is 1235,
 * -1234.50 is -1235. Undefined where it is no single amount, or none that a number can hold.
 */
export function toWholeUnits(value: Value): number | undefined {
  const amount = typeof value === 'number' ? value : toAmount(value)
  if (amount === undefined) return undefined
  const whole = Math.sign(amount) * Math.round(Math.abs(amount))
  // -0 is another value than 0 where it is compared.
  return Number.isSafeInteger(whole) ? whole + 0 : undefined
}

function toAmount(value: Value): number | undefined {
  const currency = readCurrency(value)
  return currency === undefined || currency.code === '!!!' ? undefined : Number(currency.amount)
}

import assert from 'node:assert/strict'
import { test } from 'vitest'
import * as wire from './wire-values.ts'

const at = Date.UTC(2025, 9, 3, 14, 31, 20)

// prettier-ignore
const times = [
  { value: 'Fri Oct 03 14:31:20 UTC 2025', ms: at },
  { value: 'Fri Oct  3 14:31:20 UTC 2025', ms: at },
  { value: 1759501880, ms: at },
  { value: '1759501880', ms: at },
  { value: '2025-10-03T14:31:20Z', ms: at },
  { value: '2025-10-03T14:31:20.000Z', ms: at },
  { value: '2025-10-03 14:31:20 UTC', ms: at },
  { value: '2025-10-03T16:31:20+02:00', ms: at },
  { value: '2025-10-03 14:31', ms: at - 20_000 },
  { value: '2025-10-03T14:31:20.000Z,1,Etc/UTC', ms: at },
  { value: '2025-10-03,0,Etc/UTC', ms: Date.UTC(2025, 9, 3) },
  { value: '', ms: undefined },
  { value: null, ms: undefined },
  { value: 'yesterday', ms: undefined },
  { value: 'Fri Foo 03 14:31:20 UTC 2025', ms: undefined },
]

test.each(times)('the time $value', ({ value, ms }) => {
  assert.equal(wire.readTime(value), ms)
})

test('a time is printed as Workbooks prints it, in whole seconds', () => {
  assert.equal(wire.printTime(at + 999), 'Fri Oct 03 14:31:20 UTC 2025')
})

// prettier-ignore
const dates = [
  { value: ' 2 May 2010', iso: '2010-05-02' },
  { value: '31 Dec 2029', iso: '2029-12-31' },
  { value: '2010-05-02', iso: '2010-05-02' },
  { value: '2010-05-02T00:00:00Z', iso: '2010-05-02' },
  { value: '', iso: undefined },
  { value: 7, iso: undefined },
]

test.each(dates)('the date $value', ({ value, iso }) => {
  assert.equal(wire.readDate(value), iso)
})

test('a date is printed in two places for the day', () => {
  assert.equal(wire.printDate('2010-05-02'), ' 2 May 2010')
  assert.equal(wire.printDate('2029-12-31'), '31 Dec 2029')
})

// prettier-ignore
const currencies = [
  { value: '100.00 GBP 0', currency: { amount: '100.00', code: 'GBP' } },
  { value: '12500000 GBP', currency: { amount: '12500000', code: 'GBP' } },
  { value: '-5.5 EUR 3', currency: { amount: '-5.5', code: 'EUR' } },
  { value: '10 !!! 0', currency: { amount: '10', code: '!!!' } },
  { value: '  0', currency: undefined },
  { value: null, currency: undefined },
]

test.each(currencies)('the currency $value', ({ value, currency }) => {
  assert.deepEqual(wire.readCurrency(value), currency)
})

test('a currency is printed as free', () => {
  assert.equal(wire.printCurrency({ amount: '100', code: 'GBP' }), '100 GBP 0')
})

test('a boolean is what Workbooks takes for one', () => {
  for (const value of [true, 'true', 't', 'on', '1', 'yes', 'Y', 1]) {
    assert.equal(wire.readBoolean(value), true)
  }
  for (const value of [false, 'false', '', null, undefined, 0, 'maybe']) {
    assert.equal(wire.readBoolean(value), false)
  }
})

test('null, nothing and an empty text are blank', () => {
  for (const value of [null, undefined, '', '  ']) assert.equal(wire.isBlank(value), true)
  for (const value of ['x', 0, false]) assert.equal(wire.isBlank(value), false)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Field } from '../fields/field.ts'
import type { Value } from '../fields/value.ts'
import { makeCarrierOf } from './carriers.ts'

const owner = {
  meansSame: () => true,
  asOutreach: () => ({ kind: 'value', value: 'owner' }) as const,
  asWorkbooks: () => ({ kind: 'value', value: 'owner' }) as const,
}
const carrierOf = makeCarrierOf({ owner })
const text: Field = {
  ...{ workbooks: 'name', outreach: 'name', form: 'text', direction: 'both' },
  ...{ onConflict: 'latest', onLink: 'workbooks', maxLength: 4, workbooksMaxLength: 5 },
}
const tooLong = (has: number, allowed: number) => ({
  kind: 'cannot',
  why: `it has ${has} characters, and ${allowed} are allowed`,
})
const value = (carried: Value) => ({ kind: 'value', value: carried })

// prettier-ignore
const rows = [
  { says: 'what fits is carried',                             w: 'abcd', want: value('abcd') },
  { says: '"longer than the target allows" is not cut (8)',   w: 'abcde', want: tooLong(5, 4) },
  { says: 'characters are counted, not their halves',         w: '😀😀😀😀', want: value('😀😀😀😀') },
  { says: 'a blank always fits',                              w: null, want: value(null) },
]

test.each(rows)('to Outreach: $says', ({ w, want }) => {
  assert.deepEqual(carrierOf(text).asOutreach(w), want)
})

test("to Workbooks the limit is the Workbooks column's", () => {
  assert.deepEqual(carrierOf(text).asWorkbooks('abcde'), value('abcde'))
  assert.deepEqual(carrierOf(text).asWorkbooks('abcdef'), tooLong(6, 5))
})

test('without a limit everything fits', () => {
  const free = { ...text, maxLength: undefined }
  assert.deepEqual(carrierOf(free).asOutreach('x'.repeat(70_000)), value('x'.repeat(70_000)))
})

test('people are carried by whoever knows people (rulebook 9)', () => {
  assert.equal(carrierOf({ ...text, form: 'owner' }), owner)
})

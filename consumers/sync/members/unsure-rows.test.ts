import assert from 'node:assert/strict'
import { test } from 'vitest'
import { findUnsureRows } from './unsure-rows.ts'

const field = 'opportunity_contact_ids[12]'
const one = { from: ['Partner'], sent: ['Partner'], was: null, makesRow: true } as const
const pending = { system: 'outreach', fields: { [field]: one } } as const

test('a row that was about to be made and is not to be seen may have been made all the same', () => {
  assert.deepEqual(findUnsureRows({ agreed: {}, pending }, { o: {} }), [
    { field, lookedAt: undefined },
  ])
  const looked = { ...pending, fields: { [field]: { ...one, lookedAt: 7 } } }
  assert.deepEqual(findUnsureRows({ agreed: {}, pending: looked }, { o: {} }), [
    { field, lookedAt: 7 },
  ])
})

test('one that is there, or where somebody did something else, is no question any more', () => {
  const at = (o: readonly string[]) =>
    findUnsureRows({ agreed: {}, pending }, { o: { [field]: o } })
  assert.deepEqual(at(['Partner']), [])
  assert.deepEqual(at(['Buyer']), [])
})

test('changes and removals are repeated without a question', () => {
  const { makesRow, ...change } = one
  assert.equal(makesRow, true)
  const fields = { [field]: { ...change, was: ['Buyer'] } }
  const o = { [field]: ['Buyer'] }
  assert.deepEqual(findUnsureRows({ agreed: {}, pending: { ...pending, fields } }, { o }), [])
})

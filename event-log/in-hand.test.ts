import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { makeInHand } from './in-hand.ts'

test('the mark is always the lowest that is not done, in whatever order they are done', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: 40 }, (_, offset) => offset)), (order) => {
      const hand = makeInHand()
      const dones = Array.from({ length: 40 }, (_, offset) => hand.take(offset))
      const open = new Set(dones.keys())
      for (const offset of order) {
        assert.equal(dones[offset]?.(), true)
        assert.equal(dones[offset](), false)
        open.delete(offset)
        assert.equal(hand.mark(), Math.min(40, ...open))
        assert.equal(hand.count(), open.size)
      }
    }),
  )
})

test('what retention took away in between is not waited for', () => {
  const hand = makeInHand()
  assert.equal(hand.mark(), undefined)
  const [early, late] = [hand.take(3), hand.take(100)]
  assert.equal(hand.mark(), 3)
  early()
  assert.equal(hand.mark(), 100)
  late()
  assert.equal(hand.mark(), 101)
})

test('a long line of what is done takes no room', () => {
  const hand = makeInHand()
  for (let offset = 0; offset < 10_000; offset++) hand.take(offset)()
  assert.equal(hand.mark(), 10_000)
  assert.equal(hand.count(), 0)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeTheirClock } from './their-clock.ts'

function aClock(theirNow = 1_000_000) {
  const at = { ms: 0 }
  return { at, ...makeTheirClock({ elapsedMs: () => at.ms, theirNow: () => theirNow * 1000 }) }
}

test('nothing is known of a clock that has told nothing', () => {
  const { reached, saw } = aClock()
  assert.equal(reached(), Number.NEGATIVE_INFINITY)
  assert.equal(saw([]), Number.NEGATIVE_INFINITY)
  assert.equal(reached(), Number.NEGATIVE_INFINITY)
})

test('the last time that they gave goes on with ours, for two minutes', () => {
  const { at, reached, saw } = aClock()
  assert.equal(saw([100, 400, 300]), 400)
  at.ms = 90_900
  assert.equal(reached(), 490)
  at.ms = 3_600_000
  assert.equal(reached(), 520)
  saw([300])
  assert.equal(reached(), 520)
})

test('a record of next year is not believed', () => {
  const { reached, saw } = aClock(1_000)
  assert.equal(saw([900, 9_000_000]), 900)
  assert.equal(reached(), 900)
})

test('minutes between the times of records and the Date header are', () => {
  const { reached, saw } = aClock(1_000)
  saw([1_000 + 14 * 60])
  assert.equal(reached(), 1_000 + 14 * 60)
})

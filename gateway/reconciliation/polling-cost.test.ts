import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toCallsPerInterval, toCallsPerYear } from './polling-cost.ts'

test('four resources once a minute are 2.1 million calls a year', () => {
  const four = [{ every: 1 }, { every: 1 }, { every: 1 }, { every: 1 }]
  assert.equal(toCallsPerYear(four, 60), 2_102_400)
  assert.equal(toCallsPerYear(four, 120), 1_051_200)
})

test('what is asked each tenth time costs a tenth', () => {
  assert.equal(toCallsPerInterval([{ every: 1 }, { every: 10 }, { every: 10 }]), 1.2)
  assert.equal(toCallsPerInterval([]), 0)
})

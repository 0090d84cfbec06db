import assert from 'node:assert/strict'
import { test } from 'vitest'
import { waitAfterMs } from './retry-policy.ts'

test('waits grow with every failure and end at fifteen minutes', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 100].map(waitAfterMs)
  assert.deepEqual(
    waits.map((ms) => ms / 1000),
    [1, 4, 16, 64, 240, 900, 900, 900],
  )
})

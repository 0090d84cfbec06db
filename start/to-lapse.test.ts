import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toLapse } from './to-lapse.ts'

test.each([
  { logRetentionDays: 14, days: 7 },
  { logRetentionDays: 365, days: 7 },
  { logRetentionDays: 3, days: 1.5 },
])('a log of $logRetentionDays days is relied on for $days', ({ logRetentionDays, days }) => {
  const { afterMs } = toLapse({ settings: { logRetentionDays }, now: () => 0 })
  assert.equal(afterMs, days * 86_400_000)
})

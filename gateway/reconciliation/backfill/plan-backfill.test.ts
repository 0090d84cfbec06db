import assert from 'node:assert/strict'
import { test } from 'vitest'
import { planBackfill } from './plan-backfill.ts'

// prettier-ignore
const rows = [
  { says: 'nothing',                                        records: 0,       pairs: 5,   callsPerHour: 10_000, calls: 0,     seconds: 0 },
  { says: 'all are linked: they are listed, and passed over', records: 400,   pairs: 400, callsPerHour: 10_000, calls: 2,     seconds: 1 },
  { says: 'one page, two batches',                          records: 200,     pairs: 0,   callsPerHour: 10_000, calls: 13,    seconds: 3 },
  { says: 'a hundred thousand',                             records: 100_000, pairs: 0,   callsPerHour: 10_000, calls: 6_500, seconds: 1_125 },
  { says: '... on a small budget: the hours decide',        records: 100_000, pairs: 0,   callsPerHour: 500,    calls: 6_500, seconds: 22_500 },
]

test.each(rows)('what it takes: $says', ({ records, pairs, callsPerHour, calls, seconds }) => {
  assert.deepEqual(planBackfill({ records, pairs, callsPerHour }), { calls, seconds })
})

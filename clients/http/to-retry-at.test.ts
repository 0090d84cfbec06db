import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toRetryAt } from './to-retry-at.ts'

const now = Date.UTC(2026, 2, 2, 10, 0, 0)

// prettier-ignore
const rows = [
  { says: 'delta seconds', header: '120', at: now + 120_000 },
  { says: 'no wait', header: '0', at: now },
  { says: 'epoch seconds', header: '1772449200', at: 1772449200000 },
  { says: 'epoch milliseconds', header: '1772449200000', at: 1772449200000 },
  { says: 'an ISO time', header: '2026-03-02T11:00:00Z', at: now + 3_600_000 },
  { says: 'an ISO time without a zone, meant in UTC', header: '2026-03-02T11:00:00', at: now + 3_600_000 },
  { says: 'an HTTP date', header: 'Mon, 02 Mar 2026 10:05:00 GMT', at: now + 300_000 },
  { says: 'nothing', header: null, at: undefined },
  { says: 'blank', header: ' ', at: undefined },
  { says: 'nonsense', header: 'soon', at: undefined },
]

test.each(rows)('a Retry-After may be $says', ({ header, at }) => {
  assert.equal(toRetryAt(header, { now }), at)
})

test('a moment is in the clock of the system that names it', () => {
  const dateHeader = 'Mon, 02 Mar 2026 09:00:00 GMT'
  assert.equal(toRetryAt('2026-03-02T09:01:00Z', { now, dateHeader }), now + 60_000)
  assert.equal(toRetryAt('60', { now, dateHeader }), now + 60_000)
})

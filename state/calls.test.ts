import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toBudgetYear } from './calls.ts'

const at = (text: string) => Date.parse(`${text}T00:00:00Z`)
const connected = at('2026-03-02') / 1_000

// prettier-ignore
const rows = [
  { says: 'the first year has all that was called before, too', now: '2026-03-02', from: undefined,    until: '2027-03-02' },
  { says: 'its last day',                                       now: '2027-03-01', from: undefined,    until: '2027-03-02' },
  { says: 'the second begins on the same day',                  now: '2027-03-02', from: '2027-03-02', until: '2028-03-02' },
  { says: 'early in a calendar year it is still the last one',  now: '2029-01-01', from: '2028-03-02', until: '2029-03-02' },
]

test.each(rows)('$says', ({ now, from, until }) => {
  const year = toBudgetYear(connected, at(now))
  assert.deepEqual(year, { from: from === undefined ? 0 : at(from), until: at(until) })
})

test('before first connection everything counts, and a whole year is ahead', () => {
  const now = at('2026-03-02')
  for (const connectedAt of [undefined, now / 1_000 + 1]) {
    assert.deepEqual(toBudgetYear(connectedAt, now), { from: 0, until: at('2027-03-02') })
  }
})

test('a connection on a leap day has its anniversary on the day after', () => {
  const leap = at('2028-02-29') / 1_000
  assert.deepEqual(toBudgetYear(leap, at('2029-02-28')), { from: 0, until: at('2029-03-01') })
  assert.deepEqual(toBudgetYear(leap, at('2029-03-01')), {
    from: at('2029-03-01'),
    until: at('2030-03-01'),
  })
})

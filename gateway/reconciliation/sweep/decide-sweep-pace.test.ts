import assert from 'node:assert/strict'
import { test } from 'vitest'
import { decideSweepPace } from './decide-sweep-pace.ts'

// prettier-ignore
const rows: readonly { readonly says: string; readonly pairs: number; readonly yearLimit?: number; readonly seconds: number }[] = [
  { says: 'no pair: a look a day',                                        pairs: 0,                          seconds: 86_400 },
  { says: 'one page: once a day',                                         pairs: 100,                        seconds: 86_400 },
  { says: 'a hundred pages: evenly over the day',                         pairs: 10_000,                     seconds: 864 },
  { says: 'a budget that pays for that',                                  pairs: 3_400, yearLimit: 250_000,  seconds: 2_541 },
  { says: 'one that does not: 12,500 pages of 250,000 calls in the year', pairs: 100_000, yearLimit: 250_000, seconds: 2_522 },
  { says: 'no budget at all: next to never',                              pairs: 100, yearLimit: 0,          seconds: 31_536_000 },
]

test.each(rows)('$says', ({ pairs, yearLimit, seconds }) => {
  assert.equal(Math.floor(decideSweepPace({ pairs, yearLimit }) / 1_000), seconds)
})

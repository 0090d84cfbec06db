import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Find, LastAnnounced } from '../../../state/misses.ts'
import { decideVerdict } from './decide-verdict.ts'

const changedAt = Date.UTC(2026, 2, 2, 9, 0, 0) / 1_000
const find: Find = {
  resource: 'workbooks.organisation',
  record: 'workbooks:organisation:226',
  version: '7',
  changedAt,
  foundAt: changedAt * 1_000 + 45_000,
}

type Row = {
  readonly says: string
  readonly last?: LastAnnounced
  readonly found?: Partial<Find>
  readonly missed: boolean
}

// prettier-ignore
const rows: readonly Row[] = [
  { says: 'nothing was announced: missed',                          missed: true },
  { says: 'this very change was announced',                         last: { at: changedAt, version: null },       missed: false },
  { says: 'a later one was',                                        last: { at: changedAt + 9, version: null },   missed: false },
  { says: 'only an earlier one was: missed',                        last: { at: changedAt - 1, version: null },   missed: true },
  { says: 'the version tells, where the time does not',             last: { at: changedAt - 1, version: 7 },      missed: false },
  { says: 'a later version does as well',                           last: { at: changedAt - 1, version: 10 },     missed: false },
  { says: 'an earlier version does not: missed',                    last: { at: changedAt - 1, version: 6 },      missed: true },
  { says: 'a fingerprint is no version: missed',                    last: { at: changedAt - 1, version: 6 },      found: { version: '3fa2' }, missed: true },
  { says: 'who changed before anybody could tell is not counted',   found: { changedAt: changedAt - 3_601 },      missed: false },
  { says: 'who changed when we began to listen is',                 found: { changedAt: changedAt - 3_600 },      missed: true },
  { says: 'who does not say when it changed is not',                found: { changedAt: 0 },                      missed: false },
]

test.each(rows)('$says', ({ last, found, missed }) => {
  const knownSince = changedAt * 1_000 - 3_600_000
  const verdict = decideVerdict({ ...find, ...found }, { last, clockOffsetMs: 0, knownSince })
  assert.equal(verdict.isMissed, missed)
})

// prettier-ignore
const delays = [
  { says: 'the delay is from the change to the find',            clockOffsetMs: 0,       delayMs: 45_000 },
  { says: 'a clock that is slow makes it no longer',             clockOffsetMs: -30_000, delayMs: 15_000 },
  { says: 'a clock that is fast makes it no shorter',            clockOffsetMs: 30_000,  delayMs: 75_000 },
  { says: 'a clock that jumps about does not make it negative',  clockOffsetMs: -90_000, delayMs: 0 },
]

test.each(delays)('$says', ({ clockOffsetMs, delayMs }) => {
  assert.equal(
    decideVerdict(find, { last: undefined, clockOffsetMs, knownSince: 0 }).delayMs,
    delayMs,
  )
})

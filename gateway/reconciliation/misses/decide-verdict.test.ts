import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Find, Told } from '../../../state/misses.ts'
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
  readonly told?: Told
  readonly found?: Partial<Find>
  readonly missed: boolean
}

const deleted = { version: '7 deleted' }
const fingerprint = { version: '3fa2' }

// prettier-ignore
const rows: readonly Row[] = [
  { says: 'nothing was announced: missed',                           missed: true },
  { says: 'this version was announced',                              told: { at: changedAt, version: 7 },          missed: false },
  { says: 'the version tells, where the time does not',              told: { at: changedAt - 1, version: 7 },      missed: false },
  { says: 'an earlier version in the same second: missed',           told: { at: changedAt, version: 6 },          missed: true },
  { says: 'a later version is another change: missed',               told: { at: changedAt + 1, version: 8 },      missed: true },
  { says: 'a version that was not told: by the second',              told: { at: changedAt, version: null },       missed: false },
  { says: 'a deletion need not move the version: by the second',     told: { at: changedAt, version: 7 },          found: deleted, missed: false },
  { says: 'a fingerprint is no version: by the second',              told: { at: changedAt, version: null },       found: fingerprint, missed: false },
  { says: 'an earlier second: missed',                               told: { at: changedAt - 1, version: null },   found: fingerprint, missed: true },
  { says: 'sent before it was found, without a time of its own',     told: { at: changedAt + 44, version: null },  found: fingerprint, missed: false },
  { says: 'our own write, once it was found, is another: missed',    told: { at: changedAt + 45, version: null },  found: fingerprint, missed: true },
  { says: 'who changed before anybody could tell is not counted',    found: { changedAt: changedAt - 3_601 },      missed: false },
  { says: 'who changed when we began to listen is',                  found: { changedAt: changedAt - 3_600 },      missed: true },
  { says: 'who does not say when it changed is not',                 found: { changedAt: 0 },                      missed: false },
]

test.each(rows)('$says', ({ told, found, missed }) => {
  const knownSince = changedAt * 1_000 - 3_600_000
  const list = told === undefined ? [] : [told]
  const known = { told: list, clockOffsetMs: 0, knownSince }
  assert.equal(decideVerdict({ ...find, ...found }, known).isMissed, missed)
})

// prettier-ignore
const delays = [
  { says: 'the delay is from the change to the find',            clockOffsetMs: 0,       delayMs: 45_000 },
  { says: 'a clock that is slow makes it no longer',             clockOffsetMs: -30_000, delayMs: 15_000 },
  { says: 'a clock that is fast makes it no shorter',            clockOffsetMs: 30_000,  delayMs: 75_000 },
  { says: 'a clock that jumps about does not make it negative',  clockOffsetMs: -90_000, delayMs: 0 },
]

test.each(delays)('$says', ({ clockOffsetMs, delayMs }) => {
  assert.equal(decideVerdict(find, { told: [], clockOffsetMs, knownSince: 0 }).delayMs, delayMs)
})

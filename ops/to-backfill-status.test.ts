import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Backfill } from '../state/backfills.ts'
import { toBackfillStatus } from './to-backfill-status.ts'

const running: Backfill = {
  ...{ id: 'b1', kind: 'person', of: 'unlinked', isPlan: false, state: 'running' },
  ...{ records: 1_000, done: 250, calls: 40, seconds: 20, position: '' },
  ...{ orderedAt: 0, beganAt: 10_000 },
}

// prettier-ignore
const rows: readonly { readonly says: string; readonly changed: Partial<Backfill>; readonly secondsLeft: number | null; readonly done?: number }[] = [
  { says: 'as fast as it has been so far',             changed: {},                                secondsLeft: 90 },
  { says: 'as planned, before its first page',         changed: { done: 0 },                       secondsLeft: 20, done: 0 },
  { says: 'a plan: as planned',                        changed: { state: 'planned', done: 0 },     secondsLeft: 20, done: 0 },
  { says: 'not known before it was counted',           changed: { state: 'ordered', records: null, seconds: null, done: 0 }, secondsLeft: null, done: 0 },
  { says: 'nothing at its end',                        changed: { state: 'done', done: 1_000 },    secondsLeft: 0, done: 1_000 },
  { says: 'nothing where it was stopped',              changed: { state: 'stopped' },              secondsLeft: 0 },
  { says: 'never more than there are',                 changed: { done: 1_200 },                   secondsLeft: 0, done: 1_000 },
]

test.each(rows)('seconds left: $says', ({ changed, secondsLeft, done = 250 }) => {
  const status = toBackfillStatus({ ...running, ...changed }, 40_000)
  assert.deepEqual([status.done, status.secondsLeft], [done, secondsLeft])
})

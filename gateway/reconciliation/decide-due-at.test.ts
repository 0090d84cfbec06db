import assert from 'node:assert/strict'
import { test } from 'vitest'
import { decideDueAt, mayAskAgain, type RoundEnd } from './decide-due-at.ts'

type Given = Parameters<typeof decideDueAt>[0]

const now = 10_000_000
const given: Given = { now, beganAt: now, intervalMs: 600_000, end: undefined }
const ended = (how: RoundEnd['how'], before?: RoundEnd['how']): RoundEnd => ({
  ...{ how, before, at: now },
})

// prettier-ignore
const rows: readonly { readonly says: string; readonly changed: Partial<Given>; readonly at: number }[] = [
  { says: 'none yet: at once',                                   changed: { beganAt: undefined },                                 at: 0 },
  { says: 'by its pace',                                         changed: {},                                                     at: now + 600_000 },
  { says: 'only when asked: never',                              changed: { beganAt: undefined, intervalMs: Infinity },           at: Infinity },
  { says: 'only when asked, and failed: never',                  changed: { intervalMs: Infinity, end: ended('away') },           at: Infinity },
  { says: 'all was read: by its pace',                           changed: { end: ended('read') },                                 at: now + 600_000 },
  { says: 'the system is away: in a minute',                     changed: { end: ended('away', 'away') },                         at: now + 60_000 },
  { says: 'the log was away: in a minute',                       changed: { end: ended('broken', 'broken') },                     at: now + 60_000 },
  { says: 'a list failed: in a minute',                          changed: { end: ended('failed', 'read') },                       at: now + 60_000 },
  { says: 'it failed again: by its pace',                        changed: { end: ended('failed', 'failed') },                     at: now + 600_000 },
  { says: 'away, at a pace below a minute: no later than that',  changed: { intervalMs: 5_000, end: ended('away') },              at: now + 5_000 },
  { says: 'begun an hour ahead of now: at once',                 changed: { beganAt: now + 3_600_000 },                           at: 0 },
  { says: 'begun by a clock some seconds ahead: by its pace',    changed: { beganAt: now + 5_000 },                               at: now + 605_000 },
]

test.each(rows)('$says', ({ changed, at }) => {
  assert.equal(decideDueAt({ ...given, ...changed }), at)
})

test('what was asked for waits half a minute after the log was away, and for nothing else', () => {
  assert.ok(mayAskAgain(now, undefined))
  assert.ok(mayAskAgain(now, ended('away')))
  assert.ok(!mayAskAgain(now + 29_999, ended('broken')))
  assert.ok(mayAskAgain(now + 30_000, ended('broken')))
  // The clock was set back.
  assert.ok(mayAskAgain(now - 1, ended('broken')))
})

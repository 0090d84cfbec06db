import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readIsoTime, toIsoTime } from './to-iso-time.ts'

test.each([
  ['2026-03-02T09:22:30.000Z', '2026-03-02T09:22:30Z'],
  ['2026-02-30T09:22:30.000Z', '2026-03-02T09:22:30Z'],
  ['2026-03-02T24:00:00.000Z', '2026-03-03T00:00:00Z'],
  ['2026-03-02T09:60:30.000Z', undefined],
  ['2026-00-02T09:22:30.000Z', undefined],
  ['1850-03-02T09:22:30.000Z', undefined],
  ['2026-03-02T01:22:31.220-08:00', '2026-03-02T09:22:31.220Z'],
  ['2026-03-02T08:46:08.324+0000', '2026-03-02T08:46:08.324Z'],
  ['2026-03-02T00:00:00', '2026-03-02T00:00:00Z'],
  ['2026-03-02', undefined],
  ['2026-13-02T00:00:00Z', undefined],
  ['+012026-03-02T00:00:00Z', undefined],
  ['7', undefined],
  [1772443350000, undefined],
  [null, undefined],
])('%j is read as %j', (value, expected) => assert.equal(readIsoTime(value), expected))

test('a time that RFC 3339 cannot say is none', () => {
  assert.equal(toIsoTime(NaN), undefined)
  assert.equal(toIsoTime(8.64e15), undefined)
  assert.equal(toIsoTime(0), '1970-01-01T00:00:00Z')
})

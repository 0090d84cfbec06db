import assert from 'node:assert/strict'
import { test } from 'vitest'
import { decideRefresh, hashOf } from './decide-refresh.ts'

const hour = 3_600_000
const now = 100 * hour
const pair = {
  accessToken: 'access',
  refreshToken: 'refresh',
  receivedAt: now - hour,
  expiresAt: now + hour,
  seedHash: hashOf('seed'),
}
const known = { stored: pair, seed: 'seed', stale: undefined, now }
const refresh = { kind: 'refresh', refreshToken: 'refresh', seedHash: hashOf('seed') }

test('a stored pair that lives is used', () => {
  assert.deepEqual(decideRefresh(known), { kind: 'use', token: pair })
  assert.deepEqual(decideRefresh({ ...known, seed: undefined }), { kind: 'use', token: pair })
})

test('it is renewed from five minutes before its end, and when Outreach refuses it', () => {
  assert.deepEqual(decideRefresh({ ...known, now: now + hour - 300_000 }), refresh)
  assert.deepEqual(decideRefresh({ ...known, stale: 'access' }), refresh)
  assert.deepEqual(decideRefresh({ ...known, stale: 'older' }), { kind: 'use', token: pair })
})

test('another first token than the one taken before replaces what is stored', () => {
  const expected = { kind: 'refresh', refreshToken: 'new', seedHash: hashOf('new') }
  assert.deepEqual(decideRefresh({ ...known, seed: 'new' }), expected)
  assert.deepEqual(decideRefresh({ ...known, stored: undefined, seed: 'new' }), expected)
})

test('a token that is a few seconds old is not renewed within the minute', () => {
  const young = { ...pair, receivedAt: now - 10_000 }
  const plan = decideRefresh({ ...known, stored: young, stale: 'access' })
  assert.deepEqual(plan, { kind: 'wait', until: now + 50_000 })
  const dying = { ...young, expiresAt: now + 500 }
  assert.deepEqual(decideRefresh({ ...known, stored: dying }), { kind: 'use', token: dying })
})

test('without any refresh token there is nothing to do', () => {
  const nothing = { ...known, stored: undefined, seed: undefined }
  assert.deepEqual(decideRefresh(nothing), { kind: 'none' })
})

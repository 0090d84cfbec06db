import assert from 'node:assert/strict'
import { test } from 'vitest'
import { isGood, toWorkbooksError } from './to-workbooks-error.ts'

const answer = (status: number, json?: unknown, headers = {}) => ({
  status,
  json,
  headers: new Headers(headers),
  receivedAt: 1_000,
})
const because = (failure_reason: string) => ({ failure_reason, failure_message: 'x' })

// prettier-ignore
const rows = [
  { got: answer(401, because('unrecognised_name_or_password')), read: 'SetupFault', write: 'SetupFault' },
  { got: answer(401), read: 'SetupFault', write: 'SetupFault' },
  { got: answer(403, because('database_being_migrated')), read: 'SystemAway', write: 'SystemAway' },
  { got: answer(403, because('database_archived')), read: 'SystemAway', write: 'SystemAway' },
  { got: answer(403, because('user_agent_required')), read: 'SetupFault', write: 'SetupFault' },
  { got: answer(200, because('no_session')), read: 'SetupFault', write: 'SetupFault' },
  { got: answer(404), read: 'SetupFault', write: 'SetupFault' },
  { got: answer(405), read: 'SetupFault', write: 'SetupFault' },
  { got: answer(406), read: 'SetupFault', write: 'Refused' },
  { got: answer(429), read: 'SystemAway', write: 'SystemAway' },
  { got: answer(500), read: 'CallFailed', write: 'UnknownAnswer' },
  { got: answer(503, undefined, { 'retry-after': '1' }), read: 'SystemAway', write: 'UnknownAnswer' },
  { got: answer(200), read: 'SystemAway', write: 'UnknownAnswer' },
  { got: answer(302), read: 'SystemAway', write: 'SystemAway' },
]

test.each(rows)('$got.status $got.json: $read to a read, $write to a write', (row) => {
  const what = 'GET crm/people'
  assert.equal(toWorkbooksError(row.got, { what, effect: 'read' }).name, row.read)
  assert.equal(toWorkbooksError(row.got, { what, effect: 'write' }).name, row.write)
})

test('only a JSON object that names no failure is an answer', () => {
  assert.equal(isGood(answer(200, { success: false })), true)
  assert.equal(isGood(answer(200, [])), false)
  assert.equal(isGood(answer(200, because('no_session'))), false)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { Refused, SetupFault, SystemAway } from '../errors.ts'
import { toOutreachError } from './to-outreach-error.ts'

const now = Date.UTC(2026, 2, 2, 10, 0, 0)
const asked = {
  what: 'PATCH prospect',
  effect: 'patch' as const,
  record: { type: 'prospect', id: '1' },
}
const answer = (status: number, json?: unknown, headers = {}) => ({
  status,
  json,
  headers: new Headers(headers),
  receivedAt: now,
})
const errors = (...items: readonly unknown[]) => ({ errors: items })
const missing = (type: string, id: string) =>
  errors({ id: 'resourceNotFound', detail: `Could not find '${type}' with ID '${id}'.` })

// prettier-ignore
const rows = [
  { got: answer(401, undefined), name: 'SystemAway' },
  { got: answer(403, errors({ id: 'unauthorizedOauthScope', detail: "does not include the required scope 'prospects.read'." })), name: 'SetupFault' },
  { got: answer(403, errors({ id: 'unauthorizedRequest', detail: 'You are not authorized' })), name: 'Refused' },
  { got: answer(403, undefined), name: 'SetupFault' },
  { got: answer(404, missing('prospect', '1')), name: 'RecordGone' },
  { got: answer(404, missing('account', '9')), name: 'Refused' },
  { got: answer(404, errors({ id: 'routeNotFound' })), name: 'SetupFault' },
  { got: answer(404, undefined), name: 'SetupFault' },
  { got: answer(400, {}), name: 'SetupFault' },
  { got: answer(415, errors({ id: 'unsupportedMediaType', details: 'Expected Content-Type' })), name: 'SetupFault' },
  { got: answer(409, {}), name: 'Refused' },
  { got: answer(422, errors({ id: 'validationError' })), name: 'Refused' },
  { got: answer(429, {}), name: 'SystemAway' },
  { got: answer(503, errors({ id: 'scheduledServerMaintenance' })), name: 'SystemAway' },
  { got: answer(503, undefined), name: 'UnknownAnswer' },
  { got: answer(502, undefined), name: 'UnknownAnswer' },
  { got: answer(200, undefined), name: 'UnknownAnswer' },
]

test.each(rows)('$got.status is $name', ({ got, name }) => {
  assert.equal(toOutreachError(got, asked).name, name)
})

test('a read that got no usable answer failed, and a query that is refused is a fault of the set-up', () => {
  const read = { what: 'GET prospect list', effect: 'read' } as const
  assert.equal(toOutreachError(answer(502), read).name, 'CallFailed')
  assert.equal(toOutreachError(answer(422, {}), read).name, 'SetupFault')
})

test('a refusal names the ids and the fields, and masks what is personal', () => {
  const error = toOutreachError(
    answer(
      422,
      errors(
        { id: 'validationError', detail: 'a@b.example is taken', source: { pointer: '/data' } },
        { id: 'validationError', detail: 'x', source: { pointer: '/data/attributes/emails' } },
        { id: 'other', source: { pointer: '/data/relationships/account/data' } },
      ),
    ),
    asked,
  )
  assert.ok(error instanceof Refused)
  assert.deepEqual(error.ids, ['validationError', 'validationError', 'other'])
  assert.deepEqual(error.fields, ['emails', 'account'])
  assert.equal(error.message, 'outreach: PATCH prospect was answered 422: ***@*** is taken')
})

test('a missing scope is named', () => {
  const error = toOutreachError(
    answer(403, errors({ id: 'unauthorizedOauthScope', detail: "scope 'prospects.read'." })),
    asked,
  )
  assert.ok(error instanceof SetupFault)
  assert.match(error.mend, /the scope prospects\.read and authorise/)
})

// prettier-ignore
const waits = [
  { says: 'Retry-After', got: answer(429, {}, { 'retry-after': '5' }), until: now + 5_000 },
  { says: 'the reset of the budget', got: answer(429, {}, { 'x-ratelimit-reset': '1772449200' }), until: 1772449200000 },
  { says: 'nothing', got: answer(429, {}), until: now + 60_000 },
  { says: 'an ISO time', got: answer(503, undefined, { 'retry-after': '2026-03-02T12:00:00Z' }), until: now + 7_200_000 },
]

test.each(waits)('with $says Outreach is away until then', ({ got, until }) => {
  const error = toOutreachError(got, asked)
  assert.ok(error instanceof SystemAway)
  assert.equal(error.until, until)
})

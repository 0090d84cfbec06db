import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'vitest'
import { isTraceparent } from './is-traceparent.ts'
import { makeTraceparents } from './make-traceparents.ts'

const toTraceparent = makeTraceparents({ randomBytes })
const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test("the sender's trace goes on", () => assert.equal(toTraceparent(given), given))

test.each([
  undefined,
  '',
  given.toUpperCase(),
  given.replace('00-', 'ff-'),
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
  `${given}-more`,
])('where it gives %j, one begins', (header) => {
  const made = toTraceparent(header)
  assert.notEqual(made, header)
  assert.ok(isTraceparent(made))
})

test('no two are the same, however many are drawn', () => {
  const made = Array.from({ length: 1000 }, () => toTraceparent(undefined))
  assert.equal(new Set(made).size, 1000)
  assert.ok(made.every(isTraceparent))
})

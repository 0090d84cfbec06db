import assert from 'node:assert/strict'
import { test } from 'vitest'
import { decideHop } from './decide-hop.ts'

const original = 'https://wb.test/crm/people.api?_dc=1'
const elsewhere = 'https://wb.test/delay/7'

const answer = (status: number, headers: Record<string, string> = {}, json: unknown = {}) => ({
  status,
  headers: new Headers(headers),
  json,
  text: JSON.stringify(json),
  receivedAt: 1_000,
})
const page = { ...answer(200), json: undefined, text: '<html>' }
const asked = { asked: original, original, hops: 0, spentMs: 0 }

test('an answer that is no redirect is the answer', () => {
  assert.deepEqual(decideHop({ ...asked, answer: answer(200) }), { kind: 'done' })
  assert.deepEqual(decideHop({ ...asked, answer: page }), { kind: 'done' })
  assert.deepEqual(decideHop({ ...asked, answer: answer(302) }), { kind: 'done' })
})

test('a redirect is followed after the wait that it tells, or at once and then ever slower', () => {
  const at = (hops: number, headers = {}) =>
    decideHop({ ...asked, hops, answer: answer(302, { location: '/delay/7', ...headers }) })
  assert.deepEqual(at(0), { kind: 'again', url: elsewhere, waitMs: 0 })
  assert.deepEqual(at(1), { kind: 'again', url: elsewhere, waitMs: 250 })
  assert.deepEqual(at(12), { kind: 'again', url: elsewhere, waitMs: 8_000 })
  const told = at(0, { 'retry-after': '3' })
  assert.deepEqual(told, { kind: 'again', url: elsewhere, waitMs: 3_000 })
})

// prettier-ignore
const giveUps = [
  { says: 'another host', change: {}, headers: { location: 'https://evil.test/' } },
  { says: 'another scheme', change: {}, headers: { location: 'http://wb.test/' } },
  { says: 'the 21st hop', change: { hops: 20 }, headers: { location: '/delay' } },
  { says: 'more than two minutes', change: { spentMs: 100_000 }, headers: { location: '/delay', 'retry-after': '30' } },
]

test.each(giveUps)('$says is not followed', ({ change, headers }) => {
  const hop = decideHop({ ...asked, ...change, answer: answer(302, headers) })
  assert.equal(hop.kind, 'give-up')
})

// prettier-ignore
const loopbacks = [
  { to: 'http://127.0.0.1:8080/delay', kind: 'again' },
  { to: 'http://[::1]:8080/delay', kind: 'again' },
  { to: 'http://127.0.0.1:8081/delay', kind: 'give-up' },
  { to: 'http://10.0.0.1:8080/delay', kind: 'give-up' },
]

test.each(loopbacks)('from localhost:8080 a redirect to $to: $kind', ({ to, kind }) => {
  const local = 'http://localhost:8080/crm/people.api'
  const redirect = answer(302, { location: to })
  const hop = decideHop({ ...asked, asked: local, original: local, answer: redirect })
  assert.equal(hop.kind, kind)
})

// prettier-ignore
const elsewheres = [
  { says: '404', got: answer(404), again: true },
  { says: '405', got: answer(405), again: true },
  { says: 'a page', got: page, again: true },
  { says: 'JSON that is no answer', got: answer(200, {}, { message: 'please wait' }), again: true },
  { says: 'an answer', got: answer(200, {}, { success: true }), again: false },
  { says: 'rows', got: answer(200, {}, { data: [] }), again: false },
  { says: 'written rows', got: answer(200, {}, { affected_objects: [] }), again: false },
  { says: '401', got: answer(401), again: true },
  { says: '406 in JSON', got: answer(406, {}, { success: false }), again: true },
  { says: 'a 429', got: answer(429), again: false },
  { says: 'a refused key', got: answer(403, {}, { failure_reason: 'x' }), again: false },
  { says: 'a 500', got: { ...page, status: 500 }, again: false },
]

test.each(elsewheres)('$says at another path: the first address is asked again: $again', (row) => {
  const hop = decideHop({ ...asked, asked: elsewhere, hops: 1, answer: row.got })
  assert.deepEqual(
    hop,
    row.again ? { kind: 'again', url: original, waitMs: 250 } : { kind: 'done' },
  )
})

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, test } from 'vitest'
import type { GatewayEvent } from '../schemas/event.ts'
import {
  hookHeaders,
  nativeHeaders,
  openStreet,
  outreachHeaders,
  readTopic,
  type Street,
} from './open-street.ts'

// Product 3, door by door, at a product that runs: every bad input there is, then what is left of it.
let street: Street
beforeAll(async () => {
  street = await openStreet({ LOG_LEVEL: 'info' })
})
afterAll(async () => {
  await street[Symbol.asyncDispose]()
})

type Body = string | Buffer
type Sent = { readonly headers: Readonly<Record<string, string>>; readonly body: Body }
type Answered = { readonly status: number; readonly type: string; readonly body: unknown }

let lastAddress = 0
/** Every caller has an address of its own, but where callers that keep failing are meant. */
const newAddress = () => `192.0.2.${++lastAddress}`

async function post(path: string, { headers, body }: Sent, from = newAddress()): Promise<Answered> {
  const response = await fetch(`${street.gatewayUrl}/webhooks/${path}`, {
    method: 'POST',
    headers: { ...headers, 'x-forwarded-for': from },
    body,
  })
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, body: await response.json() }
}

const account = (change: object = {}) =>
  JSON.stringify({
    data: { type: 'account', id: 4101, attributes: { name: 'Larkfield', ...change } },
    meta: { eventName: 'account.updated', deliveredAt: '2026-03-02T01:14:51.103-08:00' },
  })
const hint = (change: object = {}) =>
  JSON.stringify({
    resource: 'organisation',
    event: 'updated',
    id: 226,
    object_ref: 'ORG-101',
    lock_version: 7,
    updated_at: 'Mon Jun 02 09:16:00 UTC 2025',
    ...change,
  })

const json = { 'content-type': 'application/json' }
const seconds = () => Math.floor(Date.now() / 1000)

// prettier-ignore
const forged: readonly (readonly [string, string, () => Sent])[] = [
  ['outreach', 'no signature', () => ({ headers: json, body: account() })],
  ['outreach', 'an empty signature', () => ({ headers: { ...json, 'outreach-webhook-signature': '' }, body: account() })],
  ['outreach', 'a signature that is no hex', () => ({ headers: { ...json, 'outreach-webhook-signature': 'z'.repeat(64) }, body: account() })],
  ['outreach', 'a signature of another body', () => ({ headers: outreachHeaders(account({ a: 1 })), body: account() })],
  ['outreach', 'a signature in capitals', () => {
    const headers = outreachHeaders(account())
    return { headers: { ...headers, 'outreach-webhook-signature': (headers['outreach-webhook-signature'] ?? '').toUpperCase() }, body: account() }
  }],
  ['outreach', "Workbooks' token", () => ({ headers: hookHeaders(account()), body: account() })],
  ['workbooks', 'neither token nor signature', () => ({ headers: json, body: hint() })],
  ['workbooks', 'a signature without its ALGO', () => ({ headers: { ...json, 'x-workbooks-signature': 'a'.repeat(64) }, body: '[]' })],
  ['workbooks', 'a native signature of another body', () => ({ headers: nativeHeaders('[1]'), body: '[]' })],
  ['workbooks', 'a token that is none', () => ({ headers: { ...json, authorization: 'Bearer not.a.token' }, body: hint() })],
  ['workbooks', 'a password instead of a token', () => ({ headers: { ...json, authorization: 'Basic dXNlcjpwYXNz' }, body: hint() })],
  ['workbooks', 'an unsigned token', () => {
    const [, claims = ''] = (hookHeaders(hint())['authorization'] ?? '').split('.')
    const head = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    return { headers: { ...json, authorization: `Bearer ${head}.${claims}.` }, body: hint() }
  }],
  ['workbooks', 'a token of another secret', () => ({ headers: hookHeaders(hint(), {}, 'another secret'), body: hint() })],
  ['workbooks', 'a token of another issuer', () => ({ headers: hookHeaders(hint(), { iss: 'somebody' }), body: hint() })],
  ['workbooks', 'a token of another body', () => ({ headers: hookHeaders(hint({ id: 1 })), body: hint() })],
  ['workbooks', 'a token that has expired', () => ({ headers: hookHeaders(hint(), { exp: seconds() - 31 }), body: hint() })],
  ['workbooks', 'a token of the future', () => ({ headers: hookHeaders(hint(), { iat: seconds() + 60 }), body: hint() })],
  ['workbooks', 'a token that lives for an hour', () => ({ headers: hookHeaders(hint(), { exp: seconds() + 3_600 }), body: hint() })],
  ['workbooks', 'a token without exp', () => ({ headers: hookHeaders(hint(), { exp: undefined }), body: hint() })],
  ['workbooks', 'a token without jti', () => ({ headers: hookHeaders(hint(), { jti: undefined }), body: hint() })],
]

test.each(forged)('/webhooks/%s answers 401 to %s', async (path, _what, sent) => {
  const { status, type, body } = await post(path, sent())
  assert.equal(status, 401, JSON.stringify(body))
  assert.match(type, /^application\/problem\+json/)
})

test('a token opens the door once', async () => {
  const sent = { headers: hookHeaders(hint(), { jti: randomUUID() }), body: hint() }
  assert.equal((await post('workbooks', sent)).status, 200)
  assert.equal((await post('workbooks', sent)).status, 401)
})

test.each(['outreach', 'workbooks'])('/webhooks/%s answers 413, 415 and 405', async (path) => {
  const large = 'x'.repeat(1024 * 1024 + 1)
  const headersOf = path === 'outreach' ? outreachHeaders : hookHeaders
  const text = { ...headersOf('{}'), 'content-type': 'text/plain' }
  const none = Object.entries(headersOf('{}')).filter(([name]) => name !== 'content-type')
  const packed = gzipSync('{}')
  const zipped = { ...headersOf(packed), 'content-encoding': 'gzip' }
  const statuses = [
    await post(path, { headers: headersOf(large), body: large }),
    await post(path, { headers: text, body: '{}' }),
    await post(path, { headers: Object.fromEntries(none), body: Buffer.from('{}') }),
    await post(path, { headers: zipped, body: packed }),
  ].map(({ status, type }) => `${status} ${type.split(';')[0] ?? ''}`)
  const problem = 'application/problem+json'
  assert.deepEqual(statuses, [`413 ${problem}`, ...Array<string>(3).fill(`415 ${problem}`)])
  const got = await fetch(`${street.gatewayUrl}/webhooks/${path}`)
  assert.deepEqual([got.status, got.headers.get('allow')], [405, 'POST'])
})

test('what is not there is answered with 404', async () => {
  assert.equal((await post('salesforce', { headers: json, body: '{}' })).status, 404)
})

const mixed = `[${hint()},7,${hint({ id: 227 })}]`
const native = '[{"a":1,"b":2}]'
/** Of a list only the element that was not understood goes into quarantine. */
const elements = new Map<Body, string>([
  [mixed, '7'],
  [native, '{"a":1,"b":2}'],
])
const deep = `{"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`

type Odd = {
  readonly path: string
  readonly what: string
  readonly body: Body
  readonly headersOf: (body: Body) => Record<string, string>
  readonly code: string
}

// prettier-ignore
const odd: readonly Odd[] = [
  { path: 'outreach', what: 'no JSON', body: '{"data":', headersOf: outreachHeaders, code: 'not-json' },
  { path: 'outreach', what: 'nothing at all', body: '', headersOf: outreachHeaders, code: 'not-json' },
  { path: 'outreach', what: 'no UTF-8', body: Buffer.from([0xff, 0xfe, 0x00]), headersOf: outreachHeaders, code: 'not-utf-8' },
  { path: 'outreach', what: 'a list', body: '[]', headersOf: outreachHeaders, code: 'malformed' },
  { path: 'outreach', what: 'a number', body: '42', headersOf: outreachHeaders, code: 'malformed' },
  { path: 'outreach', what: 'no id', body: '{"data":{"type":"account"},"meta":{"eventName":"account.updated"}}', headersOf: outreachHeaders, code: 'malformed' },
  { path: 'outreach', what: 'an id below 1', body: account().replace('4101', '-3'), headersOf: outreachHeaders, code: 'malformed' },
  { path: 'outreach', what: 'an unknown resource', body: account().replaceAll('account', 'spaceship'), headersOf: outreachHeaders, code: 'unknown-resource' },
  { path: 'outreach', what: 'two resources in one', body: account().replace('"type":"account"', '"type":"prospect"'), headersOf: outreachHeaders, code: 'malformed' },
  { path: 'outreach', what: 'a body nested 50,000 deep', body: deep, headersOf: outreachHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'no JSON', body: 'organisation=226', headersOf: hookHeaders, code: 'not-json' },
  { path: 'workbooks', what: 'null', body: 'null', headersOf: hookHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'no id', body: hint({ id: undefined }), headersOf: hookHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'an id that is a text', body: hint({ id: "226'; DROP TABLE pairs" }), headersOf: hookHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'an unknown event', body: hint({ event: 'exploded' }), headersOf: hookHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'an unknown resource', body: hint({ resource: 'spaceship' }), headersOf: hookHeaders, code: 'unknown-resource' },
  { path: 'workbooks', what: 'one bad hint among good ones', body: mixed, headersOf: hookHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'a native item of no known form', body: native, headersOf: nativeHeaders, code: 'malformed' },
  { path: 'workbooks', what: 'more hints than anybody sends', body: `[${Array(10_001).fill(1).join()}]`, headersOf: hookHeaders, code: 'too-many' },
]

test.each(odd)(
  '/webhooks/$path answers 200 to $what that is signed, and quarantines it',
  async ({ path, body, headersOf }) => {
    const answered = await post(path, { headers: headersOf(body), body })
    assert.equal(answered.status, 200, JSON.stringify(answered))
    const accepted = body === mixed ? 2 : 0
    assert.deepEqual(answered.body, { accepted, quarantined: 1 })
  },
)

test("Workbooks' [] is nothing, and a known resource without a topic is accepted", async () => {
  const empty = await post('workbooks', { headers: nativeHeaders('[]'), body: '[]' })
  assert.deepEqual([empty.status, empty.body], [200, { accepted: 0, quarantined: 0 }])
  const install = account().replaceAll('account', 'import')
  const known = await post('outreach', { headers: outreachHeaders(install), body: install })
  assert.deepEqual([known.status, known.body], [200, { accepted: 1, quarantined: 0 }])
})

test('who keeps failing is asked to wait, and a verified sender at the same address never', async () => {
  const from = newAddress()
  const statuses: number[] = []
  for (let turn = 0; turn < 35; turn += 1) {
    statuses.push((await post('outreach', { headers: json, body: account() }, from)).status)
  }
  const expected = statuses.map((_, turn) => (turn < 30 ? 401 : 429))
  assert.deepEqual(statuses, expected)
  const sent = { headers: outreachHeaders(account()), body: account() }
  assert.equal((await post('outreach', sent, from)).status, 200)
})

// prettier-ignore
const noise: readonly (readonly [string, string])[] = [
  ['no HTTP', 'hello, is anybody there?\r\n\r\n'],
  ['half a request', 'POST /webhooks/outreach HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"data'],
  ['a header with a line of its own', 'POST /webhooks/outreach HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ['an absurd address', 'POST /webhooks/outreach/../../%00 HTTP/1.1\r\nHost: x\r\n\r\n'],
]

test.each(noise)('%s on the line harms nobody', async (_what, text) => {
  const socket = connect(Number(new URL(street.gatewayUrl).port), '127.0.0.1')
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.write(text, () => resolve()))
  socket.destroy()
  assert.equal((await fetch(`${street.gatewayUrl}/readyz`)).status, 200)
})

test('after all this the process is alive, and what was verified is in quarantine, whole, with its reason', async () => {
  assert.equal((await fetch(`${street.gatewayUrl}/livez`)).status, 200)
  street.product.signal('SIGTERM')
  assert.deepEqual(await street.product.ended, { code: 0, signal: null }, street.product.said())
  const kept = (await readTopic(street.dir, 'gateway.quarantine')).map(toQuarantined)
  assert.equal(kept.length, odd.length)
  for (const { path, what, body, code } of odd) {
    const wanted = elements.get(body) ?? body
    const found = kept.some(
      (one) =>
        one.from === path &&
        one.code === code &&
        one.reason.length > 5 &&
        Buffer.from(one.body, one.encoding === 'base64' ? 'base64' : 'utf8').equals(
          Buffer.from(wanted),
        ),
    )
    assert.ok(found, `${path}: ${what}`)
  }
})

function toQuarantined(event: GatewayEvent) {
  // schemas/quarantined.ts, as the gateway writes it.
  return event.data as {
    from: string
    code: string
    reason: string
    encoding: string
    body: string
  }
}

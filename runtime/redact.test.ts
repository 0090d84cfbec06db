import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { redact, redactText } from './redact.ts'

// prettier-ignore
const texts = [
  { says: 'an e-mail address',          text: 'sent to amy.archer@example.com today',           left: 'sent to [e-mail] today' },
  { says: 'a bearer token',             text: 'Authorization: Bearer abc.DEF-123',              left: 'Authorization: Bearer [redacted]' },
  { says: 'a JWT anywhere',             text: 'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln was',   left: 'token [redacted] was' },
  { says: 'a key in an address',        text: 'GET /crm.api?api_key=12-34&x=1',                 left: 'GET /crm.api?api_key=[redacted]&x=1' },
  { says: 'a password in an address',   text: 'postgres://me:hunter2@db:5432/x',                left: 'postgres://[redacted]@db:5432/x' },
  { says: 'a private key',              text: 'a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b', left: 'a [redacted] b' },
]

test.each(texts)('$says is taken out of a text', ({ text, left }) => {
  assert.equal(redactText(text), left)
})

// prettier-ignore
const kept = [
  'workbooks:organisation:226',
  'outreach.account.updated/4101/9d0c6f0a',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'GET https://api.outreach.io/api/v2/accounts?filter[id]=1,2,3 answered 503',
]

test.each(kept)('%s is left as it is', (text) => assert.equal(redactText(text), text))

describe('in fields', () => {
  test('what stands under a telling name is taken out, at any depth', () => {
    const fields = { a: [{ apiKey: 'k', refresh_token: 't', name: 'x' }], Authorization: 'y' }
    assert.deepEqual(redact(fields), {
      a: [{ apiKey: '[redacted]', refresh_token: '[redacted]', name: 'x' }],
      Authorization: '[redacted]',
    })
  })

  test('an error keeps its name, message, code and cause', () => {
    const error = Object.assign(new Error('no amy@example.com'), { code: 'E1', cause: 'why' })
    const { stack, ...rest } = redact(error) as Record<string, unknown>
    assert.deepEqual(rest, { name: 'Error', message: 'no [e-mail]', code: 'E1', cause: 'why' })
    assert.ok(String(stack).includes('redact.test.ts'))
  })

  test('a circle, a big number and bytes can be written', () => {
    const circle: Record<string, unknown> = { offset: 7n, body: new Uint8Array(3) }
    circle['self'] = circle
    const text = JSON.stringify(redact(circle))
    assert.ok(text.startsWith('{"offset":"7","body":"[3 bytes]"'))
  })

  test('a hostile text does not take long', () => {
    const before = performance.now()
    redactText('a'.repeat(100_000) + '@')
    redactText('-----BEGIN A'.repeat(5_000))
    assert.ok(performance.now() - before < 1_000)
  })
})

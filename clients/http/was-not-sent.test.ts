import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toFailureCode, wasNotSent } from './was-not-sent.ts'

const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause })
const coded = (code: string, more = {}) => Object.assign(new Error(code), { code, ...more })

// prettier-ignore
const rows = [
  { code: 'ECONNREFUSED', notSent: true, error: fetchFailed(coded('ECONNREFUSED')) },
  { code: 'ENOTFOUND', notSent: true, error: fetchFailed(coded('ENOTFOUND')) },
  { code: 'EAI_AGAIN', notSent: true, error: fetchFailed(coded('EAI_AGAIN')) },
  { code: 'UND_ERR_CONNECT_TIMEOUT', notSent: true, error: fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT')) },
  { code: 'ETIMEDOUT', notSent: true, error: fetchFailed(coded('ETIMEDOUT', { syscall: 'connect' })) },
  { code: 'ETIMEDOUT', notSent: false, error: fetchFailed(coded('ETIMEDOUT', { syscall: 'read' })) },
  { code: 'ECONNREFUSED', notSent: true, error: fetchFailed(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])) },
  { code: 'ERR_TLS_CERT_ALTNAME_INVALID', notSent: true, error: fetchFailed(coded('ERR_TLS_CERT_ALTNAME_INVALID')) },
  { code: 'ECONNRESET', notSent: false, error: fetchFailed(coded('ECONNRESET')) },
  { code: 'UND_ERR_SOCKET', notSent: false, error: fetchFailed(coded('UND_ERR_SOCKET')) },
  { code: 'TypeError', notSent: true, error: new TypeError('Headers.append: "Bearer secret" is an invalid header value.') },
]

test.each(rows)('$code: nothing was sent: $notSent', ({ error, notSent }) => {
  assert.equal(wasNotSent(error), notSent)
})

test('a failure is told by its code', () => {
  assert.equal(toFailureCode(fetchFailed(coded('ECONNRESET'))), 'ECONNRESET')
  assert.equal(toFailureCode(new TypeError('Bearer secret')), 'TypeError')
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeVerifyNativeSignature } from './verify-native-signature.ts'

const body = Buffer.from(
  '[{"organisation":{"id":226,"object_ref":"ORG-101","name":"Acme Ltd","created_at":"Mon Jun 02 09:15:00 UTC 2025"}}]',
)
const hex = '3ff52e6a3a900faef9d7e34f21533b6875e11942db5d5ead406b1f5e987a6ea4'
const verify = makeVerifyNativeSignature(['newer', 'example-secret'])

test.each([`sha256=${hex}`, `SHA256=${hex}`, `hmac-sha256=${hex}`, ` sha256=${hex} `])(
  '%s is authentic: no source names the ALGO word',
  (header) => assert.equal(verify(header, body).kind, 'authentic'),
)

test.each([
  hex,
  `=${hex}`,
  `sha256=${hex.toUpperCase()}`,
  `sha256=${hex}0`,
  'sha256=',
  '',
  'sha256',
])('"%s" is forged', (header) => assert.equal(verify(header, body).kind, 'forged'))

test('the same signature under another body is forged', () => {
  assert.equal(verify(`sha256=${hex}`, Buffer.from('[]')).kind, 'forged')
})

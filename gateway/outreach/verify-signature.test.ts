import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'vitest'
import { makeVerifySignature } from './verify-signature.ts'

const body = Buffer.from(
  '{"data":{"type":"account","id":4101,"attributes":{"updatedAt":"2026-03-02T09:15:07.000Z","name":"Larkfield Instruments Ltd"},"relationships":{}},"meta":{"deliveredAt":"2026-03-02T01:15:08.412-08:00","eventName":"account.updated","jobId":"6f0f7f0e-2c57-4a0e-9d55-0b1b7f4f2b11"}}',
)
const secret = 'example-webhook-secret'
const signature = 'e1fcdf6a297388d52dd5e557bc5cc4857801b349878df502742d6f72f82917f4'

const isAuthentic = (given: string | undefined, bytes: Uint8Array = body, ...secrets: string[]) =>
  makeVerifySignature(secrets.length > 0 ? secrets : [secret])(
    given === undefined ? {} : { 'outreach-webhook-signature': given },
    bytes,
  ).kind === 'authentic'

test("the fact sheet's vector verifies", () => assert.ok(isAuthentic(signature)))

test('every secret is accepted, in whatever place it stands', () => {
  assert.ok(isAuthentic(signature, body, 'new', secret))
  assert.ok(isAuthentic(signature, body, secret, 'old'))
  assert.ok(!isAuthentic(signature, body, 'new', 'old'))
})

test.each([
  ['no signature', undefined],
  ['an empty one', ''],
  ['one in capitals', signature.toUpperCase()],
  ['one with a prefix', `sha256=${signature}`],
  ['one cut short', signature.slice(0, 62)],
  ['one that is longer', `${signature}00`],
  ['two in one header', `${signature}, ${signature}`],
  ['one letter off', signature.replace('e1', 'e2')],
  ['what is no hex', 'z'.repeat(64)],
])('%s is forged', (_name, given) => assert.ok(!isAuthentic(given)))

test('one byte more or less is another body', () => {
  assert.ok(!isAuthentic(signature, Buffer.concat([body, Buffer.from('\n')])))
  assert.ok(!isAuthentic(signature, body.subarray(0, -1)))
})

test('the bytes are what is signed, text or not', () => {
  const bytes = Buffer.from([0xff, 0x00, 0xfe])
  assert.ok(isAuthentic(createHmac('sha256', secret).update(bytes).digest('hex'), bytes))
})

test('without a secret nobody gets in', () => {
  const verdict = makeVerifySignature([])({ 'outreach-webhook-signature': signature }, body)
  assert.deepEqual(verdict, { kind: 'forged', why: 'the signature fits no secret' })
})

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'vitest'
import { makeHmac } from './make-hmac.ts'

const expected = (secret: string, body: Uint8Array) =>
  createHmac('sha256', secret).update(body).digest('hex')

test('is the HMAC-SHA256 that everybody else computes, for any secret and any body', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.uint8Array({ maxLength: 3_000 }), { minLength: 1, maxLength: 4 }),
      (secret, bodies) => {
        const hmac = makeHmac(secret)
        for (const body of bodies) assert.equal(hmac(body), expected(secret, body))
      },
    ),
  )
})

test.each([0, 63, 64, 65 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024])(
  'a body of %i bytes, with secrets around the size of a block',
  (size) => {
    const body = Buffer.alloc(size, 'a body')
    for (const length of [0, 1, 63, 64, 65, 500]) {
      const secret = 's'.repeat(length)
      assert.equal(makeHmac(secret)(body), expected(secret, body))
    }
  },
)

test('the test vector of the fact sheet (outreach-api 1.4)', () => {
  const body = Buffer.from(
    '{"data":{"type":"account","id":4101,"attributes":{"updatedAt":"2026-03-02T09:15:07.000Z","name":"Larkfield Instruments Ltd"},"relationships":{}},"meta":{"deliveredAt":"2026-03-02T01:15:08.412-08:00","eventName":"account.updated","jobId":"6f0f7f0e-2c57-4a0e-9d55-0b1b7f4f2b11"}}',
  )
  assert.equal(
    makeHmac('example-webhook-secret')(body),
    'e1fcdf6a297388d52dd5e557bc5cc4857801b349878df502742d6f72f82917f4',
  )
})

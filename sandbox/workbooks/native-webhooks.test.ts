import { expect, test } from 'vitest'
import { signNative } from './native-webhooks.ts'

test('the native signature is the composed check value of the facts (12.1)', () => {
  const body =
    '[{"organisation":{"id":226,"object_ref":"ORG-101","name":"Acme Ltd","created_at":"Mon Jun 02 09:15:00 UTC 2025"}}]'
  expect(signNative(body, 'example-secret')).toBe(
    'sha256=3ff52e6a3a900faef9d7e34f21533b6875e11942db5d5ead406b1f5e987a6ea4',
  )
})

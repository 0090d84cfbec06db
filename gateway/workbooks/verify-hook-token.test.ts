import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { test } from 'vitest'
import { makeVerifyHookToken } from './verify-hook-token.ts'

const now = Date.UTC(2026, 2, 2, 9, 0, 0)
const seconds = now / 1000
const body = Buffer.from('{"resource":"organisation","event":"updated","id":226}')
const claims = {
  iss: 'workbooks',
  iat: seconds,
  exp: seconds + 120,
  jti: 'a1',
  body_sha256: createHash('sha256').update(body).digest('hex'),
}
const verify = makeVerifyHookToken({ secrets: ['newest', 'older'], now: () => now })

function sign(changes: object, secret = 'newest', algorithm: jwt.Algorithm = 'HS256'): string {
  const members: readonly [string, unknown][] = Object.entries({ ...claims, ...changes })
  const payload = Object.fromEntries(members.filter(([, member]) => member !== undefined))
  const noTimestamp = payload['iat'] === undefined
  return `Bearer ${jwt.sign(payload, secret, { algorithm, noTimestamp })}`
}

test('a token for this body opens the door, and says how long it must be remembered', () => {
  assert.deepEqual(verify(sign({}), body), {
    kind: 'authentic',
    token: { jti: 'a1', untilMs: now + 150_000 },
  })
})

test('every secret is accepted', () => {
  assert.equal(verify(sign({}, 'older'), body).kind, 'authentic')
})

test.each([
  ['five minutes ahead', { exp: seconds + 300 }],
  ['five minutes and the leeway ahead', { exp: seconds + 330 }],
  ['expired within the leeway', { exp: seconds - 29 }],
  ['issued a little in the future', { iat: seconds + 29 }],
])('%s is still good', (_name, changes) => {
  assert.equal(verify(sign(changes), body).kind, 'authentic')
})

test.each([
  ['expired beyond the leeway', { exp: seconds - 31 }, 'the token has expired'],
  ['a life that is too long', { exp: seconds + 331 }, 'the token lives longer than five minutes'],
  ['no end', { exp: undefined }, 'the token has no exp'],
  ['no begin', { iat: undefined }, 'the token has no iat'],
  ['a begin in the future', { iat: seconds + 31 }, 'the token was issued in the future'],
  ['no jti', { jti: undefined }, 'the token has no usable jti'],
  ['an empty jti', { jti: '' }, 'the token has no usable jti'],
  ['a jti that a store cannot take', { jti: 'a\u0000b' }, 'the token has no usable jti'],
  ['another issuer', { iss: 'outreach' }, 'the token has another issuer'],
  ['no issuer', { iss: undefined }, 'the token has another issuer'],
  ['a time that is to come', { nbf: seconds + 60 }, 'the token is not valid yet'],
  ['another body', { body_sha256: '0'.repeat(64) }, 'the token was made for another body'],
  ['no body hash', { body_sha256: undefined }, 'the token was made for another body'],
])('a token with %s is forged', (_name, changes, why) => {
  assert.deepEqual(verify(sign(changes), body), { kind: 'forged', why })
})

test('a token that was signed with another secret, or otherwise, is forged', () => {
  assert.deepEqual(verify(sign({}, 'guessed'), body), {
    kind: 'forged',
    why: 'the token fits no secret',
  })
  assert.equal(verify(sign({}, 'newest', 'HS512'), body).kind, 'forged')

  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
  assert.equal(verify(`Bearer ${none}`, body).kind, 'forged')

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rs256 = jwt.sign(claims, privateKey, { algorithm: 'RS256' })
  assert.equal(verify(`Bearer ${rs256}`, body).kind, 'forged')
})

test.each(['', 'Bearer', 'Bearer ', 'Bearer a.b.c', 'Basic YTpi', 'Bearer a b', 'Bearer ..'])(
  '"%s" is forged',
  (authorization) => assert.equal(verify(authorization, body).kind, 'forged'),
)

test('without a secret nobody gets in', () => {
  const closed = makeVerifyHookToken({ secrets: [], now: () => now })
  assert.equal(closed(sign({}), body).kind, 'forged')
})

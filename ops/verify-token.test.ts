import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { describe, test } from 'vitest'
import { signToken } from './sign-token.ts'
import { makeVerifyToken } from './verify-token.ts'

const secret = 'a-secret-of-thirty-two-letters-or-more'
const now = Date.UTC(2026, 2, 2, 9, 0, 0)
const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding,
  privateKeyEncoding,
})
const ec = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding,
  privateKeyEncoding,
})

const bySecret = makeVerifyToken({ secret }, () => now)
const claims = { sub: 'amy', scope: 'ops:read ops:write', exp: now / 1000 + 60 }
const bearer = (token: string) => `Bearer ${token}`

test('our own token names its bearer and its scopes', () => {
  const token = signToken(secret, { sub: 'amy', scopes: ['ops:read'], forSeconds: 60, now })
  const verdict = bySecret(bearer(token))
  assert.deepEqual(verdict, { kind: 'operator', sub: 'amy', scopes: new Set(['ops:read']) })
})

// prettier-ignore
const signed = [
  { says: 'RS256', privateKey: rsa.privateKey, publicKey: rsa.publicKey, algorithm: 'RS256' },
  { says: 'ES256', privateKey: ec.privateKey,  publicKey: ec.publicKey,  algorithm: 'ES256' },
] as const

test.each(signed)('a token signed with $says is verified by the public key', (row) => {
  const verify = makeVerifyToken({ publicKey: row.publicKey }, () => now)
  const token = jwt.sign(claims, row.privateKey, { algorithm: row.algorithm })
  assert.equal(verify(bearer(token)).kind, 'operator')
})

describe('a stranger is', () => {
  const hs = (what: object, key = secret) => bearer(jwt.sign(what, key, { algorithm: 'HS256' }))
  const unsigned = jwt.sign(claims, null, { algorithm: 'none' })
  // prettier-ignore
  const strangers = [
    { says: 'who shows nothing',                 header: undefined,                                       why: 'is missing' },
    { says: 'who shows a password',              header: 'Basic YTpi',                                    why: 'is missing' },
    { says: 'whose token is no JWT',             header: 'Bearer nonsense',                               why: 'no key of ours' },
    { says: 'whose token is signed by another',  header: hs(claims, 'another secret'),                    why: 'is not signed by a key of ours' },
    { says: 'whose token is not signed at all',  header: bearer(unsigned),                                why: 'no key of ours' },
    { says: 'whose token has expired',           header: hs({ ...claims, exp: now / 1000 - 31 }),         why: 'has expired' },
    { says: 'whose token never expires',         header: hs({ sub: 'amy', scope: 'ops:read' }),           why: 'needs exp' },
    { says: 'whose token names nobody',          header: hs({ exp: claims.exp, scope: 'ops:read' }),      why: 'needs sub' },
    { says: 'whose token comes from the future', header: hs({ ...claims, nbf: now / 1000 + 40 }),         why: 'is not valid yet' },
  ]
  test.each(strangers)('$says', ({ header, why }) => {
    const verdict = bySecret(header)
    assert.equal(verdict.kind, 'stranger')
    assert.ok(verdict.why.includes(why), verdict.why)
  })

  test('who signs HS256 with our public key', () => {
    const verify = makeVerifyToken({ publicKey: rsa.publicKey }, () => now)
    const [head, body] = hs(claims).slice('Bearer '.length).split('.')
    const signedPart = `${String(head)}.${String(body)}`
    const signature = createHmac('sha256', rsa.publicKey).update(signedPart).digest('base64url')
    const forged = `Bearer ${signedPart}.${signature}`
    assert.equal(verify(forged).kind, 'stranger')
  })
})

test('a clock that is half a minute off is no reason to refuse', () => {
  const late = { ...claims, exp: now / 1000 - 29 }
  assert.equal(bySecret(bearer(jwt.sign(late, secret, { algorithm: 'HS256' }))).kind, 'operator')
})

import { createSecretKey, hash, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Verdict } from '../verdict.ts'

type Deps = {
  readonly secrets: readonly string[]
  readonly now: () => number
}

const leewaySeconds = 30
const longestLifeSeconds = 5 * 60
const jtiForm = /^[\x21-\x7e]{1,255}$/

/** Checks the change hook's JWT: ours, short-lived, and signed for this very body. */
export function makeVerifyHookToken({ secrets, now }: Deps) {
  const keys = secrets.map((secret) => createSecretKey(secret, 'utf8'))

  return (authorization: string, body: Uint8Array): Verdict => {
    const token = /^Bearer +([^\s]+)$/i.exec(authorization.trim())?.[1]
    if (token === undefined) return forged('no bearer token')

    const nowSeconds = now() / 1000
    const verified = verifyWithAny(token, keys, nowSeconds)
    if (verified.kind === 'forged') return verified

    const { iat, exp, jti, body_sha256: bodyHash } = verified.claims
    if (typeof exp !== 'number') return forged('the token has no exp')
    if (typeof iat !== 'number') return forged('the token has no iat')
    if (iat > nowSeconds + leewaySeconds) return forged('the token was issued in the future')
    if (exp > nowSeconds + longestLifeSeconds + leewaySeconds) {
      return forged('the token lives longer than five minutes')
    }
    if (typeof jti !== 'string' || !jtiForm.test(jti)) return forged('the token has no usable jti')
    if (bodyHash !== hash('sha256', body, 'hex')) {
      return forged('the token was made for another body')
    }
    return { kind: 'authentic', token: { jti, untilMs: (exp + leewaySeconds) * 1000 } }
  }
}

type Claims = Readonly<Record<string, unknown>>
type Verified =
  | { readonly kind: 'verified'; readonly claims: Claims }
  | { readonly kind: 'forged'; readonly why: string }

function verifyWithAny(token: string, keys: readonly KeyObject[], nowSeconds: number): Verified {
  for (const key of keys) {
    try {
      const claims = jwt.verify(token, key, {
        algorithms: ['HS256'],
        issuer: 'workbooks',
        clockTimestamp: nowSeconds,
        clockTolerance: leewaySeconds,
      })
      return typeof claims === 'string'
        ? forged('the token is no object')
        : { kind: 'verified', claims }
    } catch (error) {
      // jsonwebtoken throws what we expect; only a signature that another secret may fit goes on.
      const why = whyOf(error)
      if (why !== undefined) return forged(why)
    }
  }
  return forged('the token fits no secret')
}

function whyOf(error: unknown): string | undefined {
  if (error instanceof jwt.TokenExpiredError) return 'the token has expired'
  if (error instanceof jwt.NotBeforeError) return 'the token is not valid yet'
  if (!(error instanceof jwt.JsonWebTokenError)) return 'the token cannot be read'
  if (error.message === 'invalid signature') return undefined
  return error.message.startsWith('jwt issuer')
    ? 'the token has another issuer'
    : 'the token cannot be read'
}

function forged(why: string): { readonly kind: 'forged'; readonly why: string } {
  return { kind: 'forged', why }
}

import jwt from 'jsonwebtoken'
import type { Scope } from './verb.ts'

type Claims = {
  readonly sub: string
  readonly scopes: readonly Scope[]
  readonly forSeconds: number
  /** Epoch milliseconds. */
  readonly now: number
}

/** An operator's token, HS256. */
export function signToken(secret: string, { sub, scopes, forSeconds, now }: Claims): string {
  const iat = Math.floor(now / 1000)
  const claims = { sub, scope: scopes.join(' '), iat, exp: iat + forSeconds }
  return jwt.sign(claims, secret, { algorithm: 'HS256' })
}

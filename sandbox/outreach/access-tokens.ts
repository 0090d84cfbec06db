import { ApiError, makeForbiddenError, makeScopeError } from './api-error.ts'
import type { Journal } from './journal.ts'

export type AccessToken = {
  readonly token: string
  /** Null for a server-to-server app, which acts as nobody. */
  readonly userId: number | null
  readonly app: string
  readonly isS2s: boolean
  readonly scopes: readonly string[]
  /** Epoch ms; null for a fixed one that never ends. */
  readonly expiresAt: number | null
}

export type AccessTokens = {
  /** The grant behind an `Authorization` header, or one of the three 401s of outreach-api 2.5. */
  readonly authenticate: (authorization: string | undefined) => AccessToken
  readonly keep: (token: AccessToken) => void
}

const maxLiveTokens = 100

export function makeAccessTokens(journal: Journal, now: () => number): AccessTokens {
  const tokens = journal.table<AccessToken>('accessToken')
  return {
    authenticate: (authorization) => {
      const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
      const token = tokens.get(given)
      if (token === undefined) throw given.split('.').length === 3 ? makeUnknown() : makeNoJwt()
      if (token.expiresAt !== null && token.expiresAt <= now()) throw makeExpired()
      return token
    },
    keep: (token) => {
      const live = [...tokens.values()].filter(
        ({ app, userId, expiresAt }) =>
          app === token.app && userId === token.userId && expiresAt !== null,
      )
      // At most a hundred a user and app; the oldest goes (outreach-api 2.1).
      const oldest = live[0]
      if (oldest !== undefined && live.length >= maxLiveTokens) tokens.delete(oldest.token)
      tokens.set(token.token, token)
    },
  }
}

/** Levels are not additive: `write` is no `read`; only `all` is everything (outreach-api 2.1). */
export function mustHaveScope(token: AccessToken, plural: string, level: string): void {
  const granted = ['*', `${plural}.all`, `${plural}.${level}`]
  if (!granted.some((scope) => token.scopes.includes(scope))) {
    throw makeScopeError(`${plural}.${level}`)
  }
}

export function mustAllowS2s(token: AccessToken, isAllowed: boolean): void {
  if (token.isS2s && !isAllowed) throw makeForbiddenError()
}

export function makeExpired(): ApiError {
  return new ApiError(401, {
    errors: [
      {
        id: 'expiredAccessToken',
        title: 'Expired Access Token',
        detail: 'The access token has expired.',
      },
    ],
  })
}

export function makeUnknown(): ApiError {
  return new ApiError(401, 'Invalid access token', { 'Content-Type': 'text/plain' })
}

export function makeNoJwt(): ApiError {
  const description = 'The JWT token could not be decoded.'
  return new ApiError(
    401,
    { error: 'Invalid JWT token.', description },
    { 'Content-Type': 'application/json' },
  )
}

/** Three parts, as a JWT has, so that the gateway in front can decode it. */
export function makeTokenText(algorithm: string, claims: object, newId: () => string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signature = Buffer.from(newId() + newId()).toString('base64url')
  return `${encode({ alg: algorithm })}.${encode({ ...claims, jti: newId() })}.${signature}`
}

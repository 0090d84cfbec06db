import { makeTokenText, type AccessTokens } from './access-tokens.ts'
import { ApiError } from './api-error.ts'
import type { Journal } from './journal.ts'
import { toRateLimitError } from './rate-limit.ts'

export type OAuthApp = {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri?: string
}

/** A grant that can be redeemed once, by a code or by a refresh token. */
type Grant = {
  readonly key: string
  readonly kind: 'code' | 'refresh'
  readonly clientId: string
  readonly userId: number
  readonly scope: string
  readonly expiresAt: number
  readonly isUsed: boolean
}

export type OAuth = {
  /** `POST /oauth/token`. */
  readonly token: (form: URLSearchParams) => unknown
  /** `GET /oauth/authorize`: the user agrees at once; where the browser goes next. */
  readonly authorize: (query: URLSearchParams, userId: number) => string
  readonly plantRefreshToken: (
    token: string,
    grant: { readonly clientId: string; readonly userId: number; readonly scope: string },
  ) => void
}

type Deps = {
  readonly journal: Journal
  readonly tokens: AccessTokens
  readonly apps: readonly OAuthApp[]
  readonly now: () => number
  readonly newId: () => string
  /** 0 switches the limit of one token a user and app off. */
  readonly throttleSeconds: () => number
}

const accessLifeSeconds = 7200
const refreshLifeMs = 14 * 86_400_000
const codeLifeMs = 600_000

export function makeOAuth(deps: Deps): OAuth {
  const { now, newId } = deps
  const grants = deps.journal.table<Grant>('grant')
  const issuedAt = deps.journal.table<number>('tokenIssuedAt')

  const plant = (grant: Omit<Grant, 'isUsed'>) => grants.set(grant.key, { ...grant, isUsed: false })

  const mustNotBeThrottled = (grant: Grant) => {
    const last = issuedAt.get(`${grant.clientId}:${grant.userId}`)
    const freeAt = (last ?? -Infinity) + deps.throttleSeconds() * 1000
    if (now() < freeAt) throw toRateLimitError(1, freeAt)
  }

  const issue = (grant: Grant) => {
    const { clientId, userId, scope } = grant
    grants.set(grant.key, { ...grant, isUsed: true })
    issuedAt.set(`${clientId}:${userId}`, now())
    const token = makeTokenText('ES256', { sub: userId, aud: clientId }, newId)
    deps.tokens.keep({
      token,
      userId,
      app: clientId,
      isS2s: false,
      scopes: scope.split(' '),
      expiresAt: now() + accessLifeSeconds * 1000,
    })
    const refresh = `${newId()}${newId()}`.replaceAll('-', '')
    plant({
      key: refresh,
      kind: 'refresh',
      clientId,
      userId,
      scope,
      expiresAt: now() + refreshLifeMs,
    })
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: accessLifeSeconds,
      refresh_token: refresh,
      scope,
      created_at: Math.floor(now() / 1000),
    }
  }

  return {
    token: (form) => {
      const app = deps.apps.find(({ clientId }) => clientId === form.get('client_id'))
      if (app === undefined || app.clientSecret !== form.get('client_secret')) {
        throw toOAuthError(401, 'invalid_client')
      }
      const kind = toGrantKind(form.get('grant_type'))
      if (kind === undefined) throw toOAuthError(400, 'unsupported_grant_type')
      const grant = grants.get(form.get(kind === 'code' ? 'code' : 'refresh_token') ?? '')
      const isGood =
        grant?.kind === kind &&
        grant.clientId === app.clientId &&
        // Each is used up by its first use: a second process with the same one breaks the chain.
        !grant.isUsed &&
        grant.expiresAt > now()
      if (!isGood) throw toOAuthError(400, 'invalid_grant')
      mustNotBeThrottled(grant)
      return issue(grant)
    },
    authorize: (query, userId) => {
      const clientId = query.get('client_id') ?? ''
      const app = deps.apps.find((one) => one.clientId === clientId)
      const redirect = query.get('redirect_uri') ?? ''
      const isKnown = app !== undefined && (app.redirectUri ?? redirect) === redirect
      if (!isKnown || redirect === '') throw toOAuthError(400, 'invalid_client')
      const code = newId()
      const scope = query.get('scope') ?? ''
      plant({ key: code, kind: 'code', clientId, userId, scope, expiresAt: now() + codeLifeMs })
      const target = new URL(redirect)
      target.searchParams.set('code', code)
      const state = query.get('state')
      if (state !== null) target.searchParams.set('state', state)
      return target.href
    },
    plantRefreshToken: (key, grant) => {
      if (grants.get(key) !== undefined) return
      plant({ key, kind: 'refresh', ...grant, expiresAt: now() + refreshLifeMs })
    },
  }
}

function toGrantKind(grantType: string | null): 'code' | 'refresh' | undefined {
  if (grantType === 'authorization_code') return 'code'
  return grantType === 'refresh_token' ? 'refresh' : undefined
}

function toOAuthError(status: number, error: string): ApiError {
  const description = 'The provided authorization grant or client is invalid, expired or used up.'
  return new ApiError(
    status,
    { error, error_description: description },
    { 'Content-Type': 'application/json' },
  )
}

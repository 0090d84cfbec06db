import type { AccessTokens } from './access-tokens.ts'
import type { OAuth, OAuthApp } from './oauth.ts'
import type { RecordStore } from './record-store.ts'
import type { Actor } from './record-consequences.ts'
import type { RecordWriter } from './record-writer.ts'

export type FixedToken = {
  readonly token: string
  /** Username; the first user if absent. */
  readonly user?: string
  /** Space-separated; everything if absent. */
  readonly scope?: string
  /** Whose refresh token it is; the first app if absent. */
  readonly clientId?: string
}

export type Subscription = {
  readonly url: string
  readonly secret?: string
  readonly resource?: string
  readonly action?: string
  readonly payloadVersion?: 1 | 2
}

export type StandingAccess = {
  readonly accessTokens?: readonly FixedToken[]
  readonly refreshTokens?: readonly FixedToken[]
  readonly subscriptions?: readonly Subscription[]
}

type Deps = {
  readonly store: RecordStore
  readonly writer: RecordWriter
  readonly tokens: AccessTokens
  readonly oauth: OAuth
  readonly apps: readonly OAuthApp[]
}

/** Grants what the options grant; what an earlier run granted stays, and nothing is granted twice. */
export function applyAccess(access: StandingAccess, deps: Deps) {
  const { store, tokens } = deps
  const idOf = (username: string | undefined): number | null => {
    const users = [...store.all('user')]
    if (username === undefined) return users[0]?.id ?? null
    return users.find(({ attributes }) => attributes['username'] === username)?.id ?? null
  }
  const { accessTokens = [], refreshTokens = [], subscriptions = [] } = access
  for (const { token, user, scope, clientId } of accessTokens) {
    const scopes = scope?.split(' ') ?? ['*']
    const app = clientId ?? 'fixed'
    tokens.keep({ token, userId: idOf(user), app, isS2s: false, scopes, expiresAt: null })
  }
  for (const refreshToken of refreshTokens) {
    plant(refreshToken, idOf(refreshToken.user) ?? 0, deps)
  }
  for (const subscription of subscriptions) {
    subscribe(subscription, { userId: idOf(undefined), through: 'api' }, deps)
  }
  return { idOf }
}

function plant({ token, scope = '*', clientId }: FixedToken, userId: number, deps: Deps): void {
  const app = clientId ?? deps.apps[0]?.clientId ?? ''
  deps.oauth.plantRefreshToken(token, { clientId: app, userId, scope })
}

function subscribe(subscription: Subscription, actor: Actor, { store, writer }: Deps): void {
  const { url, secret = null, resource = '*', action = '*', payloadVersion = 1 } = subscription
  const known = [...store.all('webhook')].find(
    ({ attributes }) =>
      attributes['url'] === url &&
      attributes['resource'] === resource &&
      attributes['action'] === action,
  )
  const wish = { attributes: { url, secret, resource, action, payloadVersion }, links: {} }
  if (known === undefined) writer.create('webhook', wish, actor)
  else writer.update(known, wish, actor)
}

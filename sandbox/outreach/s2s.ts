import { createVerify } from 'node:crypto'
import { makeTokenText, type AccessTokens } from './access-tokens.ts'
import { ApiError, makeRouteError } from './api-error.ts'
import type { Journal } from './journal.ts'
import { toWireTime } from './wire-time.ts'
import { isMembers } from './write-validation.ts'

export type S2sApp = {
  readonly guid: string
  /** PEM of the RSA key that signs its app tokens. */
  readonly publicKey: string
  readonly scopes?: readonly string[]
}

type Install = { readonly id: string; readonly guid: string; readonly installedAt: string }
type SetupToken = { readonly guid: string; readonly expiresAt: number }

export type S2s = {
  /** `POST /api/app/installs/{id}/actions/{setupToken|accessToken}`. */
  readonly act: (id: string, action: string, authorization: string | undefined) => unknown
  /** What the admin's set-up redirect brings: good for 15 minutes, once. */
  readonly issueSetupToken: (guid: string) => string
}

type Deps = {
  readonly journal: Journal
  readonly tokens: AccessTokens
  readonly apps: readonly S2sApp[]
  readonly now: () => number
  readonly newId: () => string
  readonly orgId: string
  readonly baseUrl: () => string
}

const offered =
  'accounts calls events imports opportunities prospects sequences sequenceStates tasks webhooks'
const readable = 'auditLogs kaiaRecordings mailings snippets templates users'
const defaultScopes = [
  ...offered.split(' ').map((plural) => `${plural}.all`),
  ...readable.split(' ').map((plural) => `${plural}.read`),
]

export function makeS2s(deps: Deps): S2s {
  const { now, newId } = deps
  const installs = deps.journal.table<Install>('install')
  const setupTokens = deps.journal.table<SetupToken>('setupToken')

  const toReply = (install: Install, meta: object) => ({
    data: {
      type: 'install',
      id: install.id,
      attributes: { installedAt: install.installedAt },
      relationships: {
        app: { data: { type: 'app', id: install.guid } },
        org: {
          data: { type: 'org', id: deps.orgId },
          links: { api: `${deps.baseUrl()}/api/v2` },
        },
      },
      ...meta,
      links: { self: `${deps.baseUrl()}/api/app/installs/${install.id}` },
    },
  })

  const install = (setupToken: string, app: S2sApp) => {
    const setup = setupTokens.get(setupToken)
    if (setup?.guid !== app.guid || setup.expiresAt <= now()) throw makeRouteError()
    setupTokens.delete(setupToken)
    const made = { id: newId(), guid: app.guid, installedAt: toWireTime(now()) }
    installs.set(made.id, made)
    return toReply(made, {})
  }

  const issue = (id: string, app: S2sApp) => {
    const found = installs.get(id)
    if (found?.guid !== app.guid) throw makeRouteError()
    const accessToken = makeTokenText('ES256', { iss: app.guid }, newId)
    deps.tokens.keep({
      token: accessToken,
      userId: null,
      app: app.guid,
      isS2s: true,
      scopes: app.scopes ?? defaultScopes,
      expiresAt: now() + 3_600_000,
    })
    return toReply(found, { meta: { accessToken } })
  }

  return {
    act: (id, action, authorization) => {
      const app = toVerifiedApp(authorization, deps.apps, now())
      if (action === 'setupToken') return install(id, app)
      if (action === 'accessToken') return issue(id, app)
      throw makeRouteError()
    },
    issueSetupToken: (guid) => {
      const token = newId()
      setupTokens.set(token, { guid, expiresAt: now() + 900_000 })
      return token
    },
  }
}

/** The app whose key signed this RS256 token, or a 401. */
function toVerifiedApp(
  authorization: string | undefined,
  apps: readonly S2sApp[],
  nowMs: number,
): S2sApp {
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
  const [header = '', claims = '', signature = ''] = token.split('.')
  const { alg } = decode(header)
  const { iss, exp } = decode(claims)
  const app = apps.find(({ guid }) => guid === iss)
  const isGood =
    app !== undefined &&
    alg === 'RS256' &&
    typeof exp === 'number' &&
    exp * 1000 > nowMs &&
    createVerify('RSA-SHA256')
      .update(`${header}.${claims}`)
      .verify(app.publicKey, signature, 'base64url')
  if (isGood) return app
  throw new ApiError(
    401,
    { error: 'Invalid JWT token.', description: 'The JWT token could not be verified.' },
    { 'Content-Type': 'application/json' },
  )
}

function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isMembers(value) ? value : {}
  } catch {
    return {}
  }
}

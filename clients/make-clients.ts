import type { OutreachAccess } from '../runtime/settings.ts'
import type { HttpCall } from './http/http-call.ts'
import { makeHttpCall, type Called } from './http/make-http-call.ts'
import { makeSystemGate, type Wait } from './make-system-gate.ts'
import type { AccessTokens } from './outreach/access-tokens.ts'
import { makeOutreachClient } from './outreach/make-outreach-client.ts'
import type { OutreachClient } from './outreach/outreach-client.ts'
import { makeFixedToken } from './outreach/tokens/make-fixed-token.ts'
import { makeOAuthTokens } from './outreach/tokens/make-oauth-tokens.ts'
import { makeS2sTokens } from './outreach/tokens/make-s2s-tokens.ts'
import type { TokenStore } from './outreach/tokens/stored-token.ts'
import type { GateStatus, SystemGate } from './system-gate.ts'
import { makeWorkbooksClient } from './workbooks/make-workbooks-client.ts'
import type { WorkbooksClient } from './workbooks/workbooks-client.ts'

/** The settings that say where the two systems are, and how to get in. */
type ClientSettings = {
  readonly outreachApiUrl: string
  readonly outreachAccess: OutreachAccess | undefined
  readonly outreachAccessToken: string | undefined
  readonly outreachClientId: string | undefined
  readonly outreachClientSecret: string | undefined
  readonly outreachRedirectUri: string | undefined
  readonly outreachRefreshToken: string | undefined
  readonly outreachS2sGuid: string | undefined
  readonly outreachS2sPrivateKey: string | undefined
  readonly outreachS2sInstallId: string | undefined
  readonly outreachCallsPerHour: number
  readonly workbooksApiUrl: string
  readonly workbooksApiKey: string | undefined
}

type Deps = {
  readonly settings: ClientSettings
  readonly version: string
  readonly tokenStore: TokenStore
  /** Runs work while no other process refreshes the token. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly now: () => number
  readonly wait: Wait
  readonly fetch?: typeof fetch
  readonly signals: {
    readonly called: (call: Called) => void
    readonly gateChanged: (status: GateStatus) => void
    readonly tokenRenewed: (system: 'outreach') => void
  }
}

export type Clients = {
  readonly outreach: OutreachClient
  readonly workbooks: WorkbooksClient
  readonly gates: readonly SystemGate[]
}

/** Calls that run at once: what the systems' own clients do (workbooks-api 11), and a little more. */
const atOnce = { outreach: 10, workbooks: 5 }

/** One client and one gate for each system; made once a process. */
export function makeClients(deps: Deps): Clients {
  const { settings, now, wait, signals, version } = deps
  const shared = { now, wait, signals, ...(deps.fetch && { fetch: deps.fetch }) }
  const outreachGate = makeSystemGate({
    ...shared,
    system: 'outreach',
    maxConcurrent: atOnce.outreach,
    callsPerHour: settings.outreachCallsPerHour,
  })
  const workbooksGate = makeSystemGate({
    ...shared,
    system: 'workbooks',
    maxConcurrent: atOnce.workbooks,
  })
  const outreachHttp = makeHttpCall({ ...shared, system: 'outreach', gate: outreachGate })
  const workbooksHttp = makeHttpCall({ ...shared, system: 'workbooks', gate: workbooksGate })
  return {
    outreach: makeOutreachClient({
      apiUrl: settings.outreachApiUrl,
      http: outreachHttp,
      gate: outreachGate,
      tokens: makeTokens(deps, outreachHttp),
    }),
    workbooks: makeWorkbooksClient({
      apiUrl: settings.workbooksApiUrl,
      apiKey: settings.workbooksApiKey ?? '',
      version,
      http: workbooksHttp,
      now,
    }),
    gates: [outreachGate, workbooksGate],
  }
}

function makeTokens(deps: Deps, http: HttpCall): AccessTokens {
  switch (deps.settings.outreachAccess) {
    case 's2s':
      return makeServerTokens(deps, http)
    case 'oauth':
      return makeUserTokens(deps, http)
    case 'token':
    case undefined:
      return makeFixedToken(deps.settings.outreachAccessToken ?? '')
    default:
      return deps.settings.outreachAccess satisfies never
  }
}

function makeServerTokens({ settings, now, signals }: Deps, http: HttpCall): AccessTokens {
  return makeS2sTokens({
    http,
    apiUrl: settings.outreachApiUrl,
    guid: settings.outreachS2sGuid ?? '',
    privateKey: settings.outreachS2sPrivateKey ?? '',
    installId: settings.outreachS2sInstallId ?? '',
    now,
    signals,
  })
}

function makeUserTokens(deps: Deps, http: HttpCall): AccessTokens {
  const { settings, tokenStore: store, exclusively, now, signals } = deps
  const { outreachRedirectUri: redirectUri, outreachRefreshToken: firstRefreshToken } = settings
  return makeOAuthTokens({
    http,
    apiUrl: settings.outreachApiUrl,
    clientId: settings.outreachClientId ?? '',
    clientSecret: settings.outreachClientSecret ?? '',
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(firstRefreshToken === undefined ? {} : { firstRefreshToken }),
    store,
    exclusively,
    now,
    signals,
  })
}

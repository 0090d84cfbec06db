import { SystemAway, SetupFault, UnknownAnswer } from '../../errors.ts'
import type { HttpAnswer, HttpCall } from '../../http/http-call.ts'
import { toMembers, toText } from '../../http/to-members.ts'
import type { AccessTokens } from '../access-tokens.ts'
import { toApiUrl } from '../to-outreach-url.ts'
import { decideRefresh, isDue } from './decide-refresh.ts'
import { makeOneAtATime } from './make-one-at-a-time.ts'
import type { StoredToken, TokenStore } from './stored-token.ts'
import { judgeTokenAnswer, toTokenError } from './to-token-error.ts'

type Deps = {
  readonly http: HttpCall
  readonly apiUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri?: string
  /** `OUTREACH_REFRESH_TOKEN`: taken once, and again only when it is another one. */
  readonly firstRefreshToken?: string
  readonly store: TokenStore
  /** Runs work while no other process refreshes. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly now: () => number
  readonly signals: { readonly tokenRenewed: (system: 'outreach') => void }
}

type Exchange = { readonly refreshToken: string; readonly seedHash: string }

const mend =
  'authorise the application in Outreach again and set OUTREACH_REFRESH_TOKEN to the new refresh token'

/** OAuth with rotating refresh tokens: every new pair is stored before it is used, one refresh at a time. */
export function makeOAuthTokens(deps: Deps): AccessTokens {
  const { http, store, exclusively, now, signals } = deps
  let known: StoredToken | undefined
  /** A pair that Outreach gave and the store has not taken yet: the one before it is used up. */
  let unstored: StoredToken | undefined
  /** The one that was asked for because the one before was refused early. */
  let replacement: string | undefined
  const oneAtATime = makeOneAtATime<StoredToken>(now)

  async function refresh(stale: string | undefined): Promise<StoredToken> {
    if (unstored !== undefined) return keep(unstored)
    const stored = await store.read()
    const mayHurry = stale !== replacement
    const seed = deps.firstRefreshToken
    const plan = decideRefresh({ stored, seed, stale, mayHurry, now: now() })
    switch (plan.kind) {
      case 'use':
        known = plan.token
        return plan.token
      case 'wait':
        throw new SystemAway(
          'outreach: the access token is no longer accepted, and a new one is given once a minute only',
          { system: 'outreach', status: 0, until: plan.until },
        )
      case 'none':
        throw new SetupFault('outreach: there is no refresh token to begin with', {
          system: 'outreach',
          status: 0,
          mend,
        })
      case 'refresh':
        return exchange(plan)
    }
  }

  async function exchange(plan: Exchange): Promise<StoredToken> {
    try {
      return await keep(toPair(await ask(plan.refreshToken), plan, now()))
    } catch (error) {
      if (!(error instanceof SetupFault)) throw error
      // Somebody who shares the store, but not the exclusion, may have been quicker.
      const stored = await store.read()
      if (stored?.seedHash !== plan.seedHash || stored.refreshToken === plan.refreshToken)
        throw error
      known = stored
      return stored
    }
  }

  /** Stored before it is used: a crash in between must not leave only the used-up refresh token. */
  async function keep(token: StoredToken): Promise<StoredToken> {
    unstored = token
    await store.write(token)
    unstored = undefined
    known = token
    signals.tokenRenewed('outreach')
    return token
  }

  async function ask(refreshToken: string): Promise<HttpAnswer> {
    const form = new URLSearchParams({
      client_id: deps.clientId,
      client_secret: deps.clientSecret,
      ...(deps.redirectUri === undefined ? {} : { redirect_uri: deps.redirectUri }),
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    })
    const answer = await http(
      {
        what: 'POST oauth/token',
        method: 'POST',
        url: toApiUrl(deps.apiUrl, '/oauth/token'),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: form.toString(),
        effect: 'write',
        judge: judgeTokenAnswer,
      },
      // Every lane needs it, and none can go on without: so it is never held back for a budget.
      { lane: 'live' },
    ).catch((error: unknown) => {
      throw toAway(error)
    })
    if (answer.status >= 200 && answer.status < 300) return answer
    throw toTokenError(answer, { now: now(), mend })
  }

  function refreshOnce(stale: string | undefined): Promise<StoredToken> {
    return oneAtATime(() => exclusively(() => refresh(stale)))
  }

  async function current(): Promise<string> {
    if (known !== undefined && unstored === undefined && !isDue(known, now())) {
      return known.accessToken
    }
    try {
      return (await refreshOnce(undefined)).accessToken
    } catch (error) {
      // Renewed before its time: while the old one lives, a token endpoint that is away costs nothing.
      const spare = unstored === undefined ? known : undefined
      if (spare !== undefined && now() < spare.expiresAt && error instanceof SystemAway) {
        return spare.accessToken
      }
      throw error
    }
  }

  async function renew(stale: string): Promise<string> {
    if (known !== undefined && known.accessToken !== stale) return current()
    replacement = (await refreshOnce(stale)).accessToken
    return replacement
  }

  return { current, renew, canRenew: true, isOAuth: true }
}

function toPair(
  answer: HttpAnswer,
  { refreshToken, seedHash }: Exchange,
  now: number,
): StoredToken {
  const members = toMembers(answer.json)
  const accessToken = toText(members['access_token'])
  if (accessToken === undefined || accessToken === '') {
    const message = 'outreach: the token endpoint answered without an access token'
    throw new SystemAway(message, { system: 'outreach', status: answer.status })
  }
  const lifeSeconds = Number(members['expires_in'])
  return {
    accessToken,
    // One that does not rotate goes on as it is.
    refreshToken: toText(members['refresh_token']) ?? refreshToken,
    receivedAt: now,
    expiresAt: answer.sentAt + (lifeSeconds > 0 ? lifeSeconds : 7_200) * 1000,
    seedHash,
  }
}

/** No call has been made yet: whatever became of the refresh, the caller's record was not touched. */
function toAway(error: unknown): unknown {
  if (!(error instanceof UnknownAnswer)) return error
  return new SystemAway(error.message, { system: 'outreach', status: error.status, cause: error })
}

import jwt from 'jsonwebtoken'
import { SetupFault, SystemAway, UnknownAnswer } from '../../errors.ts'
import type { HttpCall } from '../../http/http-call.ts'
import { toMembers, toText } from '../../http/to-members.ts'
import type { AccessTokens } from '../access-tokens.ts'
import { toApiUrl } from '../to-outreach-url.ts'
import { makeOneAtATime } from './make-one-at-a-time.ts'
import { judgeTokenAnswer, toTokenError } from './to-token-error.ts'

type Deps = {
  readonly http: HttpCall
  readonly apiUrl: string
  readonly guid: string
  /** RSA, PEM; line ends may be written `\n`, as one-line settings have them. */
  readonly privateKey: string
  readonly installId: string
  readonly now: () => number
  readonly signals: { readonly tokenRenewed: (system: 'outreach') => void }
}

type Held = { readonly accessToken: string; readonly receivedAt: number }

const lifeMs = 3_600_000
const renewBeforeMs = 300_000
const throttleMs = 60_000

const mend =
  'check OUTREACH_S2S_GUID, OUTREACH_S2S_PRIVATE_KEY and OUTREACH_S2S_INSTALL_ID, and that the app is still installed'

/** Server-to-server: an app token that we sign buys an access token for an hour; there is no refresh token. */
export function makeS2sTokens(deps: Deps): AccessTokens {
  const { http, apiUrl, now } = deps
  let held: Held | undefined
  /** The one that was asked for because the one before was refused early. */
  let replacement: string | undefined
  const oneAtATime = makeOneAtATime<string>(now)

  async function ask(): Promise<string> {
    // The answer also names the organisation's own API host. It is not followed: the token goes to no
    // other origin than the one in the settings, which works as well (outreach-api 2.2).
    const path = `/api/app/installs/${encodeURIComponent(deps.installId)}/actions/accessToken`
    const answer = await http(
      {
        what: 'POST install accessToken',
        method: 'POST',
        url: toApiUrl(apiUrl, path),
        headers: {
          authorization: `Bearer ${toAppToken(deps)}`,
          'content-type': 'application/vnd.api+json',
          accept: 'application/vnd.api+json',
        },
        effect: 'write',
        judge: judgeTokenAnswer,
      },
      { lane: 'live' },
    ).catch((error: unknown) => {
      if (!(error instanceof UnknownAnswer)) throw error
      const { message, status } = error
      throw new SystemAway(message, { system: 'outreach', status, cause: error })
    })
    if (answer.status >= 300) throw toTokenError(answer, { now: now(), mend })

    const meta = toMembers(toMembers(toMembers(answer.json)['data'])['meta'])
    const accessToken = toText(meta['accessToken'])
    if (accessToken === undefined || accessToken === '') {
      const message = 'outreach: the install answered without an access token'
      throw new SystemAway(message, { system: 'outreach', status: answer.status })
    }
    held = { accessToken, receivedAt: answer.sentAt }
    deps.signals.tokenRenewed('outreach')
    return accessToken
  }

  const askOnce = () => oneAtATime(ask)

  async function current(): Promise<string> {
    const ageMs = held === undefined ? Infinity : now() - held.receivedAt
    if (held !== undefined && ageMs < lifeMs - renewBeforeMs) return held.accessToken
    try {
      return await askOnce()
    } catch (error) {
      if (held !== undefined && ageMs < lifeMs && error instanceof SystemAway) {
        return held.accessToken
      }
      throw error
    }
  }

  async function renew(stale: string): Promise<string> {
    if (held !== undefined && held.accessToken !== stale) return held.accessToken
    // Refused early, it may have been revoked: one more is asked for at once, and then once a minute.
    const until = held === undefined ? 0 : held.receivedAt + throttleMs
    if (stale === replacement && now() < until) {
      const message =
        'outreach: the access token is no longer accepted; a new one is asked for once a minute'
      throw new SystemAway(message, { system: 'outreach', status: 401, until })
    }
    replacement = await askOnce()
    return replacement
  }

  return { current, renew, canRenew: true, isOAuth: false }
}

function toAppToken({ guid, privateKey, now }: Pick<Deps, 'guid' | 'privateKey' | 'now'>): string {
  const issuedAt = Math.floor(now() / 1000)
  try {
    const claims = { iss: guid, iat: issuedAt, exp: issuedAt + 3600 }
    return jwt.sign(claims, privateKey.replaceAll('\\n', '\n'), { algorithm: 'RS256' })
  } catch {
    // The library's own words may quote the key.
    throw new SetupFault('outreach: OUTREACH_S2S_PRIVATE_KEY cannot sign with RS256', {
      system: 'outreach',
      status: 0,
      mend: 'set it to the RSA private key (PEM, 2048 bits) whose public half is registered in Outreach',
    })
  }
}

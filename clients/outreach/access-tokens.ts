import type { Call } from '../call.ts'

/** Where the bearer of a call comes from: a fixed token, OAuth, or server-to-server. */
export type AccessTokens = {
  readonly current: (call: Call) => Promise<string>
  /** Another one than `stale`, which Outreach did not accept; undefined where there is none to get. */
  readonly renew: (stale: string, call: Call) => Promise<string | undefined>
  /** False for a fixed token: then a 401 is the end of it. */
  readonly canRenew: boolean
  readonly isOAuth: boolean
}

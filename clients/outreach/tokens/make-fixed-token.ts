import type { AccessTokens } from '../access-tokens.ts'

/** One token that somebody else keeps alive: for tests, the sandbox, a try by hand. */
export function makeFixedToken(token: string): AccessTokens {
  return {
    current: () => Promise.resolve(token),
    renew: () => Promise.resolve(undefined),
    canRenew: false,
    isOAuth: true,
  }
}

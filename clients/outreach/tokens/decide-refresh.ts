import { createHash } from 'node:crypto'
import type { StoredToken } from './stored-token.ts'

// Outreach gives one token per user and application in 60 s (outreach-api 2.1).
const throttleMs = 60_000

export type RefreshPlan =
  | { readonly kind: 'use'; readonly token: StoredToken }
  | { readonly kind: 'refresh'; readonly refreshToken: string; readonly seedHash: string }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'none' }

type Known = {
  readonly stored: StoredToken | undefined
  /** `OUTREACH_REFRESH_TOKEN`, where it is set. */
  readonly seed: string | undefined
  /** The token that Outreach has just refused, where that is why we ask. */
  readonly stale: string | undefined
  /** It was not itself asked for early: one more may be asked for at once. */
  readonly mayHurry?: boolean
  readonly now: number
}

/** What to do about the access token, with the stored pair read under the exclusion. */
export function decideRefresh({ stored, seed, ...known }: Known): RefreshPlan {
  const seedHash = seed === undefined ? undefined : hashOf(seed)
  if (seed !== undefined && seedHash !== undefined && stored?.seedHash !== seedHash) {
    // Somebody authorised anew: the old chain ends, whatever is left of it.
    return { kind: 'refresh', refreshToken: seed, seedHash }
  }
  if (stored === undefined) return { kind: 'none' }
  return decideStored(stored, known)
}

function decideStored(
  stored: StoredToken,
  { stale, mayHurry = false, now }: Pick<Known, 'stale' | 'mayHurry' | 'now'>,
): RefreshPlan {
  const isAccepted = stored.accessToken !== stale
  if (isAccepted && !isDue(stored, now)) return { kind: 'use', token: stored }

  const until = stored.receivedAt + throttleMs
  const isTooSoon = stored.receivedAt <= now && now < until
  if (isTooSoon && isAccepted && now < stored.expiresAt) return { kind: 'use', token: stored }
  if (isTooSoon && (isAccepted || !mayHurry)) return { kind: 'wait', until }
  return { kind: 'refresh', refreshToken: stored.refreshToken, seedHash: stored.seedHash }
}

/** True from 5 minutes before the end on; a tenth of its life for one that lives shorter. */
export function isDue({ receivedAt, expiresAt }: StoredToken, now: number): boolean {
  return now >= expiresAt - Math.min(300_000, (expiresAt - receivedAt) / 10)
}

export function hashOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex')
}

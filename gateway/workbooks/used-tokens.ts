import { within } from '../../runtime/within.ts'
import type { StateStore } from '../../state/state-store.ts'

/** Tokens that have opened the door once. Neither rejects: see `makeUsedTokens`. */
export type UsedTokens = {
  readonly has: (jti: string) => Promise<boolean>
  readonly remember: (jti: string, untilMs: number) => Promise<void>
}

type Deps = {
  readonly state: Pick<StateStore, 'read' | 'write'>
  readonly now: () => number
  readonly signals: { readonly stateAway: (error: unknown) => void }
}

const purgeEveryMs = 60_000
/** The hook waits for its answer: a state that hangs is as good as away. */
const patienceMs = 1_000

/**
 * Remembers in this process and in the state; either is enough to refuse a token. With the state away
 * each process knows only its own (product 3).
 */
export function makeUsedTokens({ state, now, signals }: Deps): UsedTokens {
  const here = new Map<string, number>()
  let purgedAt = 0

  return {
    async has(jti) {
      if ((here.get(jti) ?? 0) > now()) return true
      try {
        const asked = state.read({
          sql: `SELECT jti FROM used_tokens WHERE jti = $1 AND until > $2`,
          params: [jti, now()],
        })
        return (await within(patienceMs, asked)).length > 0
      } catch (error) {
        signals.stateAway(error)
        return false
      }
    },

    async remember(jti, untilMs) {
      here.set(jti, untilMs)
      const mustPurge = now() - purgedAt >= purgeEveryMs
      if (mustPurge) {
        purgedAt = now()
        for (const [known, until] of here) if (until <= now()) here.delete(known)
      }
      try {
        const written = state.write([
          {
            sql: `INSERT INTO used_tokens (jti, until) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING`,
            params: [jti, Math.ceil(untilMs)],
          },
          ...(mustPurge
            ? [{ sql: `DELETE FROM used_tokens WHERE until <= $1`, params: [now()] }]
            : []),
        ])
        await within(patienceMs, written)
      } catch (error) {
        signals.stateAway(error)
      }
    },
  }
}

import type { UsedOnce } from '../verdict.ts'
import type { UsedTokens } from './used-tokens.ts'

/** Lets each token in once. It is spent only when its events are kept, so a broken try spends nothing. */
export type SingleUse = {
  /** False where the token was used, or is in use at this moment. */
  readonly admit: (token: UsedOnce) => Promise<boolean>
  readonly spend: (token: UsedOnce) => Promise<void>
  readonly release: (token: UsedOnce) => void
}

export function makeSingleUse(usedTokens: UsedTokens): SingleUse {
  const inUse = new Set<string>()
  const release = ({ jti }: UsedOnce) => void inUse.delete(jti)

  return {
    async admit(token) {
      if (inUse.has(token.jti)) return false
      inUse.add(token.jti)
      const isUsed = await usedTokens.has(token.jti)
      if (isUsed) release(token)
      return !isUsed
    },
    async spend(token) {
      await usedTokens.remember(token.jti, token.untilMs)
      release(token)
    },
    release,
  }
}

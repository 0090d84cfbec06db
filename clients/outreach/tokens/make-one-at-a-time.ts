import { SetupFault, SystemAway } from '../../errors.ts'

const throttleMs = 60_000

/**
 * Runs `ask` once for all who want its result at the same time; what Outreach refuses is not asked for
 * again within the minute in which it would give no token anyway.
 */
export function makeOneAtATime<Token>(now: () => number) {
  let inFlight: Promise<Token> | undefined
  let refusal: { readonly error: Error; readonly until: number } | undefined

  async function run(ask: () => Promise<Token>): Promise<Token> {
    if (refusal !== undefined && now() < refusal.until) throw refusal.error
    try {
      return await ask()
    } catch (error) {
      refusal = toRefusal(error, now())
      throw error
    }
  }

  return (ask: () => Promise<Token>): Promise<Token> => {
    inFlight ??= run(ask).finally(() => {
      inFlight = undefined
    })
    return inFlight
  }
}

function toRefusal(error: unknown, now: number) {
  // Status 0: nothing was asked, so there is nothing to spare Outreach.
  if (error instanceof SetupFault && error.status !== 0) return { error, until: now + throttleMs }
  const isThrottled = error instanceof SystemAway && error.status === 429
  return isThrottled ? { error, until: error.until ?? now + throttleMs } : undefined
}

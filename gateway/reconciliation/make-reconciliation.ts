import { SetupFault } from '../../clients/errors.ts'
import { waitFor } from '../../runtime/wait-for.ts'
import type { Armed } from './arm-webhooks.ts'

type Deps = {
  /** Undefined: nothing is registered, for `PUBLIC_URL` is not set. */
  readonly armWebhooks: (() => Promise<Armed>) | undefined
  /** Resolves after `ms`, or ends early when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signals: {
    readonly webhooksArmed: (armed: Armed) => void
    /** Once for each change of what is wrong, not for each try. */
    readonly webhooksNotArmed: (error: unknown) => void
  }
}

export type Reconciliation = { readonly start: () => void; readonly stop: () => Promise<void> }

/** A subscription sleeps for an hour, or for good after seven days (outreach-api 1.9). */
const armEveryMs = 10 * 60_000
const retryMs = 30_000

/** Looks after Outreach's webhooks, so that few changes are left to the poller. */
export function makeReconciliation({ armWebhooks, signals, wait = waitFor }: Deps): Reconciliation {
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let lastWrong: string | undefined

  async function run(arm: () => Promise<Armed>): Promise<void> {
    while (!stopping.signal.aborted) {
      const nextMs = await armOnce(arm)
      // Ends early, without a word, when it is told to stop.
      await wait(nextMs, stopping.signal).catch(() => undefined)
    }
  }

  async function armOnce(arm: () => Promise<Armed>): Promise<number> {
    try {
      const armed = await arm()
      const done = [...armed.made, ...armed.rearmed, ...armed.resecreted]
      if (done.length > 0) signals.webhooksArmed(armed)
      if (armed.refused.length === 0) lastWrong = undefined
      else tell(toFault(armed.refused))
      return armEveryMs
    } catch (error) {
      tell(error)
      return retryMs
    }
  }

  function tell(error: unknown): void {
    const wrong = error instanceof Error ? error.message : 'unknown'
    if (wrong !== lastWrong) signals.webhooksNotArmed(error)
    lastWrong = wrong
  }

  return {
    start() {
      if (armWebhooks !== undefined) running = run(armWebhooks)
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function toFault(refused: Armed['refused']): SetupFault {
  const list = refused.map(({ resource, why }) => `${resource} (${why})`).join('; ')
  return new SetupFault(`outreach: webhooks are not registered for ${list}`, {
    system: 'outreach',
    status: 0,
    mend: 'give the application the scope webhooks.all and the read scope of each of these resources',
  })
}

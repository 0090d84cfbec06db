import { setTimeout as wait } from 'node:timers/promises'
import type { Armed } from './arm-webhooks.ts'

type Deps = {
  /** Undefined: nothing is registered, for `PUBLIC_URL` is not set. */
  readonly armWebhooks: (() => Promise<Armed>) | undefined
  readonly signals: {
    readonly webhooksArmed: (armed: Armed) => void
    readonly webhooksNotArmed: (error: unknown) => void
  }
}

export type Reconciliation = { readonly start: () => void; readonly stop: () => Promise<void> }

/** A subscription sleeps for an hour, or for good after seven days (outreach-api 1.9). */
const armEveryMs = 10 * 60_000
const retryMs = 30_000

/** What looks after the changes that no webhook tells: for now, that Outreach keeps its webhooks awake. */
export function makeReconciliation({ armWebhooks, signals }: Deps): Reconciliation {
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()

  async function run(arm: () => Promise<Armed>): Promise<void> {
    while (!stopping.signal.aborted) {
      const nextMs = await armOnce(arm)
      // Ends early, without a word, when it is told to stop.
      await wait(nextMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)
    }
  }

  async function armOnce(arm: () => Promise<Armed>): Promise<number> {
    try {
      const armed = await arm()
      if (armed.made.length + armed.rearmed.length > 0) signals.webhooksArmed(armed)
      return armEveryMs
    } catch (error) {
      signals.webhooksNotArmed(error)
      return retryMs
    }
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

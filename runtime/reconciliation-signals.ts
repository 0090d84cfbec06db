import type { System } from '../schemas/record-ref.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

type Deps = {
  readonly logger: Logger
  readonly metrics: Metrics
  /** Counts a failure and logs it, a few times a minute. */
  readonly broke: (part: string, message: string, fields: { readonly error: unknown }) => void
}

/** What looks after missed changes tells: how often it polls, and how reliable the senders are. */
export function reconciliationSignals({ logger, metrics, broke }: Deps) {
  return {
    pollPaceChanged: (facts: {
      readonly system: System
      readonly seconds: number
      readonly reason: string
    }) => {
      metrics.pollSeconds.set({ system: facts.system }, facts.seconds)
      logger.info('system is polled at another pace', facts)
    },
    /** Without a yearly budget nobody else asks what it comes to. */
    pollingCosts: (facts: { readonly intervalSeconds: number; readonly callsPerYear: number }) =>
      logger.info(
        'polling Outreach takes so many calls a year; OUTREACH_CALLS_PER_YEAR sets a limit',
        facts,
      ),
    changesAnnounced: ({
      resource,
      changes,
    }: {
      readonly resource: string
      readonly changes: number
    }) => metrics.changesAnnounced.inc({ resource }, changes),
    changesMissed: (facts: {
      readonly resource: string
      readonly changes: number
      readonly longestDelaySeconds: number
    }) => {
      metrics.changesMissed.inc({ resource: facts.resource }, facts.changes)
      logger.info('changes that no webhook announced were found', facts)
    },
    missesNotWatched: (error: unknown) =>
      broke('misses', 'what webhooks miss is not counted now', { error }),
  }
}

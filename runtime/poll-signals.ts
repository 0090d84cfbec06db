import type { System } from '../schemas/record-ref.ts'
import type { Fields, Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

type Deps = {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly broke: (
    part: string,
    message: string,
    fields: Fields & { readonly error: unknown },
  ) => void
}

type List = { readonly system: System; readonly resource: string }

/** What the poller tells: each list that it asked for, and what it could not do. */
export function pollSignals({ logger, metrics, broke }: Deps) {
  return {
    polled: (
      facts: List & { readonly pages: number; readonly found: number; readonly ms: number },
    ) => {
      const { system, resource, found } = facts
      metrics.polls.inc({ system, resource, result: 'done' })
      metrics.polledFinds.inc({ system, resource }, found)
      logger[found === 0 ? 'debug' : 'info']('polled', facts)
    },
    pollFailed: ({ system, resource, error }: List & { readonly error: unknown }) => {
      metrics.polls.inc({ system, resource, result: 'failed' })
      broke('reconciliation', `could not poll ${resource}, tried again by its turn`, {
        system,
        error,
      })
    },
    pollerFailed: (error: unknown) => broke('reconciliation', 'polling failed', { error }),
  }
}

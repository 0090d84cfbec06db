import type { Logger } from './logger.ts'

type Deps = {
  readonly logger: Logger
  /** Counts a failure and logs it, a few times a minute. */
  readonly broke: (part: string, message: string, fields: { readonly error: unknown }) => void
}

/** What a backfill and the sweep tell of themselves: how far they are. */
export function backfillSignals({ logger, broke }: Deps) {
  return {
    backfillMoved: (facts: {
      readonly id: string
      readonly kind: string
      readonly state: string
      readonly records: number | null
      readonly done: number
      readonly calls: number | null
    }) => logger.info('backfill', facts),
    backfillFailed: (error: unknown) =>
      broke('reconciliation', 'backfill stands still, tried again later', { error }),
    swept: (facts: { readonly kind: string; readonly pairs: number; readonly found: number }) =>
      logger[facts.found === 0 ? 'debug' : 'info']('pairs swept', facts),
    sweepPageFailed: (facts: {
      readonly kind: string
      readonly from: string
      readonly to: string
      readonly error: unknown
    }) => broke('reconciliation', 'pairs not swept, looked at again in the next round', facts),
    sweepFailed: (error: unknown) =>
      broke('reconciliation', 'the sweep stands still, tried again later', { error }),
  }
}

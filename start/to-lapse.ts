import type { Settings } from '../runtime/settings.ts'
import type { Lapse } from '../state/versions.ts'

const dayMs = 86_400_000

const longestDays = 7

type Deps = {
  readonly settings: Pick<Settings, 'logRetentionDays'>
  readonly now: () => number
}

/**
 * For how long what a poller put in the log counts as being there: no longer than the log surely holds it,
 * and never so long that a log that was lost, or set back, hides a change for good.
 */
export function toLapse({ settings, now }: Deps): Lapse {
  return { afterMs: Math.min(longestDays, settings.logRetentionDays / 2) * dayMs, now }
}

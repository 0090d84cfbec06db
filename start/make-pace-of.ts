import type { OutreachClient } from '../clients/outreach/outreach-client.ts'
import { makePollPaces } from '../gateway/reconciliation/make-poll-pace.ts'
import { toCallsPerInterval, toCallsPerYear } from '../gateway/reconciliation/polling-cost.ts'
import type { Settings } from '../runtime/settings.ts'
import type { Signals } from '../runtime/signals.ts'
import type { PolledResource, Polling } from '../schemas/polling.ts'
import type { System } from '../schemas/record-ref.ts'
import type { Parts } from './parts.ts'

type Deps = Pick<Parts, 'store' | 'now' | 'overrides'> & {
  readonly settings: Pick<
    Settings,
    'outreachCallsPerHour' | 'outreachCallsPerYear' | 'reconcileIntervalSeconds'
  >
  readonly signals: Pick<Signals, 'pollPaceChanged' | 'pollingCosts'>
}

type Given = {
  readonly outreach: Pick<OutreachClient, 'isOAuth'>
  /** Of every kind, on or off. */
  readonly pollings: readonly Polling[]
}

/**
 * How often a system is polled while these kinds are on, in seconds; Infinity: only when somebody asks.
 * The log says at once what that costs a year, where no yearly budget limits it (product 2).
 */
export function makePaceOf(
  { settings, store, signals, now, overrides }: Deps,
  { outreach, pollings }: Given,
): (system: System, on: readonly Polling[]) => Promise<number> {
  const { outreachCallsPerHour, outreachCallsPerYear, reconcileIntervalSeconds } = settings
  const isReached = ({ oauthOnly }: PolledResource) => outreach.isOAuth || !oauthOnly
  const listsOf = (some: readonly Polling[]) => some.flatMap((polling) => polling.outreach)
  const { decide } = makePollPaces({
    store,
    limits: {
      hour: { outreach: outreachCallsPerHour, workbooks: undefined },
      year: { outreach: outreachCallsPerYear, workbooks: undefined },
    },
    wantedSeconds: reconcileIntervalSeconds,
    unreachable: listsOf(pollings)
      .filter((list) => !isReached(list))
      .map(({ type }) => type),
    now,
    signals,
  })
  if (outreachCallsPerYear === undefined) {
    const lists = listsOf(pollings).filter(isReached)
    const callsPerYear = toCallsPerYear(lists, reconcileIntervalSeconds)
    signals.pollingCosts({ intervalSeconds: reconcileIntervalSeconds, callsPerYear })
  }

  return async (system, on) => {
    if (overrides.pollsWhenAsked === true) return Infinity
    const calls =
      system === 'workbooks' ? on.length : toCallsPerInterval(listsOf(on).filter(isReached))
    return (await decide(system, calls)).seconds
  }
}

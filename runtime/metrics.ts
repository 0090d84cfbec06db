import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { within } from './within.ts'

/** A log that hangs must not hide the other metrics. */
const lagsWithinMs = 2_000

type Lag = { readonly group: string; readonly events: number; readonly seconds: number }

type SpoolStatus = {
  readonly events: number
  readonly oldestSeconds: number
  readonly fullRatio: number
  readonly setAside: number
}

export type Metrics = ReturnType<typeof makeMetrics>

/** From a tenth of the promised p50 to where somebody should look (product 5.5). */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** All that is counted; labels have few values, never an id or anything personal. */
export function makeMetrics({ withProcess = false }: { readonly withProcess?: boolean } = {}) {
  const registry = new Registry()
  const registers = [registry]
  if (withProcess) collectDefaultMetrics({ register: registry })

  const counter = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ) => new Counter({ name: `gateway_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `gateway_${name}`, help, labelNames, registers })
  const timing = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name: `gateway_${name}`, help, labelNames, registers, buckets: seconds })

  const lagEvents = gauge('group_lag_events', 'Events that a group has not handled', ['group'])
  const lagSeconds = gauge('group_lag_seconds', 'Age of the oldest of them', ['group'])
  const spoolEvents = gauge('spool_events', 'Answered events that the log has not got yet', [])
  const spoolSeconds = gauge('spool_oldest_seconds', 'Age of the oldest of them', [])
  const spoolRatio = gauge('spool_full_ratio', 'At 1 deliveries are not answered', [])
  const spoolAside = gauge('spool_set_aside', 'Events that the log refused for good', [])
  let readSpool: () => Promise<SpoolStatus | undefined> = () => Promise.resolve(undefined)
  let readLags: () => Promise<readonly Lag[]> = () => Promise.resolve([])

  return {
    deliveriesRefused: counter('deliveries_refused_total', 'Deliveries answered 4xx', [
      'source',
      'why',
    ]),
    deliveriesKept: counter('deliveries_kept_total', 'Deliveries answered 200', ['source']),
    eventsKept: counter('events_kept_total', 'Events published to the log', ['source']),
    eventsQuarantined: counter('events_quarantined_total', 'Verified, not understood', ['source']),
    deliveriesNotKept: counter('deliveries_not_kept_total', 'Connections reset: could not keep', [
      'source',
    ]),
    calls: counter('calls_total', 'Calls to the two systems', ['system', 'lane', 'status']),
    callSeconds: timing('call_seconds', 'How long the two systems took to answer', ['system']),
    circuitOpen: gauge('circuit_open', '1 while a system is not called', ['system']),
    hintsTaken: counter('hints_taken_total', 'Hints that consumers took from the log', ['group']),
    outcomes: counter('outcomes_total', 'What the sync did', ['kind', 'outcome']),
    syncSeconds: timing('sync_seconds', "From the source's change to the write", ['kind']),
    parked: counter('parked_total', 'Records that had to wait', ['kind']),
    kindPaused: gauge('kind_paused', '1 while a kind stands still', ['kind']),
    spoolEntered: counter('spool_entered_total', 'Times that deliveries began to be spooled', [
      'why',
    ]),
    spooled: counter('spooled_events_total', 'Events answered because the spool has them', []),
    spoolForwarded: counter('spool_forwarded_events_total', 'Events sent from the spool', []),
    spoolAdopted: counter('spool_adopted_events_total', 'Events that dead processes left', []),
    spoolSetAside: counter('spool_set_aside_total', 'Events that were set aside', []),
    pollSeconds: gauge('poll_interval_seconds', 'How often a system is polled', ['system']),
    changesAnnounced: counter('changes_announced_total', 'Changes that webhooks told', [
      'resource',
    ]),
    changesMissed: counter('changes_missed_total', 'Changes that only the poller found', [
      'resource',
    ]),
    polls: counter('polls_total', 'Lists that the poller asked for', [
      'system',
      'resource',
      'result',
    ]),
    polledFinds: counter('polled_finds_total', 'Records that the poller put in the log', [
      'system',
      'resource',
    ]),
    failures: counter('failures_total', 'What broke, by its code', ['part', 'code']),
    opsVerbs: counter('ops_verbs_total', "Operators' verbs", ['verb', 'result']),
    settingMistakes: gauge('setting_mistakes', 'Settings that look misspelt or unwise', []),
    startedAt: gauge('started_at_seconds', 'When a role of this process started', ['role']),

    /** Asked at each look at the metrics, so that nobody has to keep them up to date. */
    watchLags: (read: () => Promise<readonly Lag[]>) => {
      readLags = read
    },
    /** Likewise; a process without a spool shows nothing of one. */
    watchSpool: (read: () => Promise<SpoolStatus>) => {
      readSpool = read
    },
    contentType: registry.contentType,
    text: async (): Promise<string> => {
      // A log that is away must not hide the other metrics; `/readyz` says that it is away.
      const lags = await within(lagsWithinMs, readLags()).catch(() => [])
      lagEvents.reset()
      lagSeconds.reset()
      for (const { group, events, seconds: age } of lags) {
        lagEvents.set({ group }, events)
        lagSeconds.set({ group }, age)
      }
      const spool = await readSpool().catch(() => undefined)
      if (spool === undefined) {
        for (const each of [spoolEvents, spoolSeconds, spoolRatio, spoolAside]) each.remove()
      } else {
        spoolEvents.set(spool.events)
        spoolSeconds.set(spool.oldestSeconds)
        spoolRatio.set(spool.fullRatio)
        spoolAside.set(spool.setAside)
      }
      return registry.metrics()
    },
  }
}

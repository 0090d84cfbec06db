import { retryOf } from './errors.ts'
import { backfillSignals } from './backfill-signals.ts'
import { kafkaSignals } from './kafka-signals.ts'
import type { Fields, Logger, LogLevel } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { pollSignals } from './poll-signals.ts'
import { reconciliationSignals } from './reconciliation-signals.ts'
import { makeThrottle } from './throttle.ts'
import type { Outcome } from '../schemas/outcome.ts'
import type { System } from '../schemas/record-ref.ts'

type Deps = {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly now?: () => number
}

type Gate = {
  readonly system: System
  readonly circuit: 'closed' | 'open' | 'half-open'
  readonly pausedUntil: number | null
  readonly reason: string | null
}

type Called = {
  readonly system: System
  readonly lane: string
  readonly what: string
  readonly status: number
  readonly ms: number
}

/** What the log shows of an outcome: never values, never a reason that might quote one. */
type Told = Pick<Outcome, 'outcome' | 'kind' | 'pair' | 'system' | 'fields' | 'calls' | 'delayMs'> &
  Partial<Pick<Outcome, 'condition' | 'conflicts'>> & { readonly traceparent?: string | undefined }

export type Signals = ReturnType<typeof makeSignals>

// What a stranger can cause may not fill the log: of one cause, so many lines a minute.
const perMinute = { limit: 10, windowMs: 60_000 }

/** One function per business event: it counts and logs together, and never throws. */
export function makeSignals({ logger, metrics, now = Date.now }: Deps) {
  const throttle = makeThrottle({ ...perMinute, now })
  const sometimes = (
    level: LogLevel,
    message: string,
    fields: Fields & { readonly why: string },
  ) => {
    const { isShown, notShown } = throttle(`${message} ${fields.why}`)
    if (isShown) logger[level](message, notShown === 0 ? fields : { ...fields, notShown })
  }
  const broke = (part: string, message: string, fields: Fields & { readonly error: unknown }) => {
    metrics.failures.inc({ part, code: codeOf(fields.error) })
    const { isShown, notShown } = throttle(`${message} ${codeOf(fields.error)}`)
    const facts = { ...fields, retry: retryOf(fields.error) }
    if (isShown) logger.error(message, notShown === 0 ? facts : { ...facts, notShown })
  }

  const gateway = {
    refused: (source: System, why: string) => {
      metrics.deliveriesRefused.inc({ source, why })
      sometimes('warn', 'delivery refused', { source, why })
    },
    kept: (source: System, accepted: number, quarantined: number) => {
      metrics.deliveriesKept.inc({ source })
      metrics.eventsKept.inc({ source }, accepted)
      // Asked first: this is the hot path, and nobody reads it at `info`.
      if (logger.isEnabled('debug'))
        logger.debug('delivery kept', { source, accepted, quarantined })
    },
    quarantined: (source: System, why: string) => {
      metrics.eventsQuarantined.inc({ source })
      sometimes('warn', 'event quarantined', { source, why })
    },
    notKept: (source: System, error: unknown) => {
      metrics.deliveriesNotKept.inc({ source })
      broke('gateway', 'delivery not kept, its connection was reset', { source, error })
    },
    failed: (error: unknown) => broke('gateway', 'request failed', { error }),
    stateAway: (error: unknown) => broke('state', 'state away', { error }),
  }

  const clients = {
    called: ({ system, lane, what, status, ms }: Called) => {
      metrics.calls.inc({ system, lane, status: String(status) })
      metrics.callSeconds.observe({ system }, ms / 1000)
      if (logger.isEnabled('debug')) logger.debug('called', { system, lane, what, status, ms })
    },
    gateChanged: ({ system, circuit, pausedUntil, reason }: Gate) => {
      const isCalled = circuit === 'closed' && pausedUntil === null
      metrics.circuitOpen.set({ system }, circuit === 'closed' ? 0 : 1)
      const until = pausedUntil === null ? undefined : new Date(pausedUntil).toISOString()
      const message = isCalled ? 'system is called again' : 'system is not called'
      logger[isCalled ? 'info' : 'warn'](message, { system, circuit, until, why: reason })
    },
    tokenRenewed: (system: System) => logger.info('access token renewed', { system }),
  }

  const sync = {
    hintsTaken: (facts: { readonly group: string; readonly hints: number }) => {
      metrics.hintsTaken.inc({ group: facts.group }, facts.hints)
      logger.debug('hints taken', facts)
    },
    outcome: (told: Told) => {
      const { outcome, kind, delayMs } = told
      metrics.outcomes.inc({ kind, outcome })
      if (delayMs !== null) metrics.syncSeconds.observe({ kind }, delayMs / 1000)
      logger[levelOf(outcome)]('outcome', toFacts(told))
    },
    parked: (facts: Fields & { readonly kind: string; readonly cause: string }) => {
      metrics.parked.inc({ kind: facts.kind })
      logger.warn('record parked', facts)
    },
    kindPaused: (facts: { readonly kind: string; readonly why: string }) => {
      metrics.kindPaused.set({ kind: facts.kind }, 1)
      logger.error('kind paused', facts)
    },
    kindResumed: (facts: { readonly kind: string }) => {
      metrics.kindPaused.set({ kind: facts.kind }, 0)
      logger.info('kind goes on', facts)
    },
    columnsAbsent: (facts: { readonly kind: string; readonly columns: readonly string[] }) =>
      logger.warn('columns are not there and are left out', facts),
    ownersUnknown: (system: string, why: string) =>
      sometimes('warn', 'owners could not be read', { system, why }),
    leftAlone: (facts: { readonly kind: string; readonly what: string; readonly why: string }) =>
      logger.warn('a part of a kind is left alone', facts),
    consumerFailed: (facts: Fields & { readonly error: unknown }) =>
      broke('consumers', 'consumer failed', facts),
  }

  const log = {
    logAway: (error: unknown) => broke('event-log', 'event log away', { error }),
  }

  const ops = {
    opsAsked: ({ verb, by, result }: { verb: string; by: string; result: string }) => {
      metrics.opsVerbs.inc({ verb, result })
      logger.debug('operator asked', { verb, by, result })
    },
    opsFailed: (facts: { readonly path: string; readonly error: unknown }) =>
      broke('ops', 'operator could not be answered', facts),
  }

  return safe({
    ...gateway,
    ...clients,
    ...sync,
    ...log,
    ...spoolSignals({ logger, metrics, broke }),
    ...kafkaSignals({ logger, metrics }),
    ...pollSignals({ logger, metrics, broke }),
    ...backfillSignals({ logger, broke }),
    ...reconciliationSignals({ logger, metrics, broke }),
    ...ops,
    ...processSignals(logger, metrics),
  })
}

type Broke = (part: string, message: string, fields: Fields & { readonly error: unknown }) => void

function spoolSignals({ logger, metrics, broke }: Deps & { readonly broke: Broke }) {
  return {
    spoolEntered: ({ why, error }: { readonly why: string; readonly error?: unknown }) => {
      metrics.spoolEntered.inc({ why })
      logger.warn('deliveries are spooled', { why, ...(error !== undefined && { error }) })
    },
    spoolLeft: (facts: { readonly events: number; readonly seconds: number }) =>
      logger.info('spool is empty, deliveries go to the log again', facts),
    spooled: ({ events }: { readonly events: number }) => metrics.spooled.inc(events),
    spoolForwarded: (facts: { readonly events: number }) => {
      metrics.spoolForwarded.inc(facts.events)
      logger.debug('spooled events forwarded', facts)
    },
    spoolNotForwarded: (error: unknown) =>
      broke('spool', 'spooled events not forwarded yet', { error }),
    spoolRefused: (error: unknown) => broke('spool', 'spool could not take events', { error }),
    spoolAdopted: (facts: { readonly events: number }) => {
      metrics.spoolAdopted.inc(facts.events)
      logger.warn('spooled events of a dead process taken over', facts)
    },
    spoolNotAdopted: (error: unknown) =>
      broke('spool', 'spool of another process could not be looked at', { error }),
    spoolSetAside: (
      facts: Fields & { readonly topic: string; readonly key: string; readonly error: unknown },
    ) => {
      metrics.spoolSetAside.inc()
      metrics.failures.inc({ part: 'spool', code: codeOf(facts.error) })
      logger.error('event set aside: the log will never take it', facts)
    },
  }
}

function processSignals(logger: Logger, metrics: Metrics) {
  return {
    started: ({ role, ...facts }: Fields & { readonly role: string }) => {
      metrics.startedAt.set({ role }, Date.now() / 1000)
      logger.info('started', { role, ...facts })
    },
    listening: (facts: { readonly what: string; readonly port: number }) =>
      logger.info('listening', facts),
    webhooksArmed: (facts: {
      readonly made: readonly string[]
      readonly rearmed: readonly string[]
    }) => logger.info('webhooks armed in Outreach', facts),
    webhooksNotArmed: (error: unknown) => {
      metrics.failures.inc({ part: 'reconciliation', code: codeOf(error) })
      logger.warn('webhooks not armed in Outreach', { error })
    },
    settingWarning: (warning: string) => {
      metrics.settingMistakes.inc()
      logger.warn('setting', { warning })
    },
    stopping: (facts: { readonly why: string }) => logger.info('stopping', facts),
    stopped: (facts: { readonly why: string; readonly code: number }) =>
      logger.info('stopped', facts),
    crashed: (facts: { readonly why: string; readonly error: unknown }) => {
      metrics.failures.inc({ part: 'process', code: codeOf(facts.error) })
      logger.error('crashed', facts)
    },
    partNotStopped: (facts: { readonly part: string; readonly error: unknown }) =>
      logger.error('part not stopped', facts),
  }
}

/** `unchanged` and `skipped` are most of them, and change nothing. */
function levelOf(outcome: Outcome['outcome']): LogLevel {
  if (outcome === 'unchanged' || outcome === 'skipped') return 'debug'
  return outcome === 'failed' ? 'warn' : 'info'
}

function toFacts({ pair, conflicts, ...told }: Told): Fields {
  const { outcome, kind, system, fields, calls, delayMs, condition, traceparent } = told
  return {
    outcome,
    kind,
    workbooks: pair.workbooks,
    outreach: pair.outreach,
    system,
    fields,
    condition,
    conflicts: conflicts?.map(({ field, winner }) => ({ field, winner })),
    calls,
    delayMs,
    traceparent,
  }
}

/** Few values: our own codes, and Node's (`ECONNREFUSED`). */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[\w.]{1,40}$/.test(code) ? code : 'unforeseen'
}

type Calls = Readonly<Record<string, (...facts: never[]) => void>>

/** A signal that fails is lost; what it tells of must go on. */
function safe<Table extends Calls>(table: Table): Table {
  const entries = Object.entries(table).map(([name, signal]) => {
    const quiet = (...facts: never[]) => {
      try {
        signal(...facts)
      } catch {
        // Nobody can be told: telling is what failed.
      }
    }
    return [name, quiet] as const
  })
  // The same names, each with the same arguments.
  return Object.fromEntries(entries) as unknown as Table
}

import { join } from 'node:path'
import type { EventLog, Keep } from '../event-log/event-log.ts'
import type { SpoolStatus } from '../event-log/spool/spool.ts'
import type { makeLifecycle } from '../runtime/lifecycle.ts'
import type { makeMetrics } from '../runtime/metrics.ts'
import type { Settings } from '../runtime/settings.ts'
import type { Signals } from '../runtime/signals.ts'
import type { SyncConfig } from '../schemas/sync-config.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Role } from './roles.ts'

/** Doors for tests, and what the start knows beside the settings: everything else is the product as it is. */
export type Overrides = {
  /** What this process does; by default everything. */
  readonly roles?: readonly Role[]
  readonly wrapLog?: <Log extends EventLog & { readonly keep: Keep }>(log: Log) => Log
  readonly wrapState?: (store: StateStore) => StateStore
  readonly fetch?: typeof fetch
  readonly output?: NodeJS.WritableStream
  /** Sentences about the settings, to be told in the log. */
  readonly warnings?: readonly string[]
  /** How long an echo waits for company. */
  readonly companyMs?: number
  /** The poller begins no interval by itself: only `ops reconcile` does. */
  readonly pollsWhenAsked?: boolean
  /** Between two pages of the sweep. */
  readonly sweepPaceMs?: number
  /** How long a webhook may take before it counts as missed. */
  readonly fairMs?: number
  /** Epoch ms; a clock that can be pushed. The doors keep this machine's: tokens are checked against it. */
  readonly now?: () => number
}

export type Lifecycle = ReturnType<typeof makeLifecycle>

/** What is there before anything is opened. */
export type Opening = {
  readonly settings: Settings
  readonly roles: readonly Role[]
  readonly overrides: Overrides
  /** Epoch ms. */
  readonly now: () => number
  readonly signals: Signals
  readonly metrics: ReturnType<typeof makeMetrics>
  readonly lifecycle: Lifecycle
}

/** Of this process's spool. */
export type SpoolHere = { readonly status: () => Promise<SpoolStatus> }

/** The log, with the way in for deliveries; what the spool behind it holds, where there is one. */
export type OpenedLog = {
  readonly log: EventLog & { readonly keep: Keep }
  readonly spool: SpoolHere | undefined
}

/** What every later step of the start needs of the earlier ones. */
export type Parts = Opening &
  OpenedLog & {
    readonly config: SyncConfig
    readonly store: StateStore
  }

/** Simulated records never mix with those of a real connection. */
export function dataDirOf({ mode, dataDir }: Pick<Settings, 'mode' | 'dataDir'>): string {
  return mode === 'sandbox' ? join(dataDir, 'sandbox') : dataDir
}

import { join } from 'node:path'
import type { EventLog, Keep } from '../event-log/event-log.ts'
import type { makeLifecycle } from '../runtime/lifecycle.ts'
import type { makeMetrics } from '../runtime/metrics.ts'
import type { Settings } from '../runtime/settings.ts'
import type { Signals } from '../runtime/signals.ts'
import type { SyncConfig } from '../schemas/sync-config.ts'
import type { StateStore } from '../state/state-store.ts'

export const roles = ['gateway', 'consumers', 'reconciliation'] as const

/** Doors for tests, and what the start knows beside the settings: everything else is the product as it is. */
export type Overrides = {
  readonly wrapLog?: <Log extends EventLog & { readonly keep: Keep }>(log: Log) => Log
  readonly wrapState?: (store: StateStore) => StateStore
  readonly fetch?: typeof fetch
  readonly output?: NodeJS.WritableStream
  /** Sentences about the settings, to be told in the log. */
  readonly warnings?: readonly string[]
  /** How long an echo waits for company. */
  readonly companyMs?: number
}

export type Lifecycle = ReturnType<typeof makeLifecycle>

/** What every later step of the start needs of the earlier ones. */
export type Parts = {
  readonly settings: Settings
  readonly config: SyncConfig
  readonly overrides: Overrides
  readonly signals: Signals
  readonly metrics: ReturnType<typeof makeMetrics>
  readonly lifecycle: Lifecycle
  readonly store: StateStore
  readonly log: EventLog & { readonly keep: Keep }
}

/** Simulated records never mix with those of a real connection. */
export function dataDirOf({ mode, dataDir }: Settings): string {
  return mode === 'sandbox' ? join(dataDir, 'sandbox') : dataDir
}

import type { Polling } from '../schemas/polling.ts'
import type { SyncConfig } from '../schemas/sync-config.ts'
import { configOf } from './prepare-kinds.ts'
import { kindDefinitions } from './sync/kinds/kinds.ts'
import { settleKind } from './sync/kinds/settle-kind.ts'
import { toPolling } from './sync/kinds/to-polling.ts'

/**
 * How every kind is polled, by the configuration alone. Whether it is polled at all, the consumers say in
 * the fact `kind:<name>`.
 */
export function toPollings(config: SyncConfig): readonly Polling[] {
  return kindDefinitions.map((definition) =>
    toPolling(settleKind(definition, configOf(config, definition.name))),
  )
}

import { openEmbeddedLog } from '../event-log/embedded-log.ts'
import { forgetEveryRole } from '../ops/report-process.ts'
import type { Settings } from '../runtime/settings.ts'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { migrations } from '../state/schema.ts'
import { dataDirOf, type Lifecycle, type Overrides } from './parts.ts'

/** Opens the log and the state; the last parts to be stopped. */
export async function openStores(settings: Settings, lifecycle: Lifecycle, overrides: Overrides) {
  const dir = dataDirOf(settings)
  const died = (error: unknown) => void lifecycle.stop({ why: 'a thread of ours ended', error })
  const state = await openEmbeddedState({ dir, migrations, died })
  await state.write([forgetEveryRole])
  const store = overrides.wrapState?.(state) ?? state
  lifecycle.add({ stage: 'stores', name: 'state', stop: async () => store[Symbol.asyncDispose]() })
  const embedded = await openEmbeddedLog({
    dir,
    retention: {
      maxAgeMs: settings.logRetentionDays * 86_400_000,
      ownGroups: 'gateway-',
      keepForever: ['gateway.quarantine', 'sync.dead-letter'],
    },
    prepare: { module: new URL('../gateway/prepare-deliveries.ts', import.meta.url), options: {} },
    died,
  })
  const log = overrides.wrapLog?.(embedded) ?? embedded
  lifecycle.add({ stage: 'stores', name: 'log', stop: async () => log[Symbol.asyncDispose]() })
  return { store, log }
}

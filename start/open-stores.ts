import { openEmbeddedLog } from '../event-log/embedded-log.ts'
import { forgetEveryRole } from '../ops/report-process.ts'
import { topics } from '../schemas/topics.ts'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { makeFacts, writeFactOnce } from '../state/facts.ts'
import { migrations } from '../state/schema.ts'
import { StateRefused } from '../state/state-refused.ts'
import type { StateStore } from '../state/state-store.ts'
import { dataDirOf, type OpenedLog, type Opening } from './parts.ts'

/** Opens the log and the state; the last parts to be stopped. */
export async function openStores(opening: Opening) {
  const { lifecycle, overrides } = opening
  const state = await openState(opening)
  // Closed after the log: what that cannot take any more may still be spooled in the state.
  lifecycle.add({ stage: 'state', name: 'state', stop: async () => state[Symbol.asyncDispose]() })
  const store = overrides.wrapState?.(state) ?? state
  await mustBeOfMode(store, opening.settings)
  const opened = await openLog(opening, store)
  const log = overrides.wrapLog?.(opened.log) ?? opened.log
  lifecycle.add({ stage: 'log', name: 'log', stop: async () => log[Symbol.asyncDispose]() })
  return { store, log, spool: opened.spool }
}

/** A state that several processes can reach must not hold simulated pairs beside real ones. */
async function mustBeOfMode(store: StateStore, { mode }: Opening['settings']): Promise<void> {
  await store.write([writeFactOnce('mode', mode)])
  const known = await makeFacts(store).read('mode')
  if (known === mode) return
  throw new StateRefused(
    mode === 'sandbox'
      ? 'The state holds records of real systems, and the sandbox would mix simulated ones with them: set the credentials of Outreach and Workbooks, or another DATABASE_URL.'
      : 'The state holds simulated records of the sandbox: type another DATABASE_URL, or empty this one first.',
  )
}

/** What is never deleted, however old: nobody has decided on it yet. */
const keepForever = ['gateway.quarantine', 'sync.dead-letter'] as const

async function openState(opening: Opening): Promise<StateStore> {
  const { settings, signals } = opening
  const { databaseUrl: url } = settings
  if (url !== undefined) {
    // Loaded only where it is asked for: the embedded product starts without it.
    const { openPostgresState } = await import('../state/postgres-state.ts')
    return openPostgresState({ url, migrations, signals })
  }
  const died = diedOf(opening)
  const state = await openEmbeddedState({ dir: dataDirOf(settings), migrations, died })
  await state.write([forgetEveryRole])
  return state
}

async function openLog(opening: Opening, store: StateStore): Promise<OpenedLog> {
  const { settings } = opening
  const topicSettings = {
    names: topics,
    retentionMs: settings.logRetentionDays * 86_400_000,
    keepForever,
  }
  if (settings.kafkaBrokers.length === 0) return openEmbedded(opening, topicSettings)
  const { openKafka } = await import('./open-kafka.ts')
  return openKafka(opening, { store, topics: topicSettings, died: diedOf(opening) })
}

async function openEmbedded(
  opening: Opening,
  { retentionMs }: { readonly retentionMs: number },
): Promise<OpenedLog> {
  const log = await openEmbeddedLog({
    dir: dataDirOf(opening.settings),
    retention: { maxAgeMs: retentionMs, ownGroups: 'gateway-', keepForever },
    prepare: { module: new URL('../gateway/prepare-deliveries.ts', import.meta.url), options: {} },
    died: diedOf(opening),
  })
  return { log, spool: undefined }
}

function diedOf({ lifecycle }: Pick<Opening, 'lifecycle'>): (error: unknown) => void {
  return (error) => void lifecycle.stop({ why: 'the log or the state ended', error })
}

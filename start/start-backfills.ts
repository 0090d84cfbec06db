import { randomBytes, randomUUID } from 'node:crypto'
import type { makeClients } from '../clients/make-clients.ts'
import { toPollings } from '../consumers/to-pollings.ts'
import { makeTraceparents } from '../gateway/make-traceparents.ts'
import { makeBackfillPages } from '../gateway/reconciliation/backfill/make-backfill-pages.ts'
import { makeBackfillWorker } from '../gateway/reconciliation/backfill/make-backfill-worker.ts'
import { makePublishFound } from '../gateway/reconciliation/make-publish-found.ts'
import { noteFound } from '../gateway/reconciliation/misses/note-found.ts'
import { decideSweepPace } from '../gateway/reconciliation/sweep/decide-sweep-pace.ts'
import { makeSweep } from '../gateway/reconciliation/sweep/make-sweep.ts'
import { sweepPage } from '../gateway/reconciliation/sweep/sweep-page.ts'
import { makeVersions } from '../state/versions.ts'
import type { Parts } from './parts.ts'
import { toLapse } from './to-lapse.ts'

type Clients = Pick<ReturnType<typeof makeClients>, 'outreach' | 'workbooks'>

/** What goes on in the background, and can be asked to look for work now. */
export type Background = {
  /** Resolves once what begins by that is done. */
  readonly look: () => Promise<void>
  readonly poke: () => void
  readonly isIdle: () => boolean
}

/** Starts what brings many records slowly: old pairs, backfills, and the sweep through all pairs. */
export function startBackfills(parts: Parts, clients: Clients): Background {
  const { settings, config, signals, lifecycle, store, log, now } = parts
  const pollings = toPollings(config)
  const callsPerHour = settings.outreachCallsPerHour
  const worker = makeBackfillWorker({
    store,
    log,
    pages: makeBackfillPages({ ...clients, store, callsPerHour, now }),
    pollings,
    by: randomUUID(),
    now,
    signals,
  })
  const sweep = openSweep(parts, clients)
  worker.start()
  sweep.start()
  lifecycle.add({ stage: 'consumers', name: 'backfills', stop: () => worker.stop() })
  lifecycle.add({ stage: 'consumers', name: 'sweep', stop: () => sweep.stop() })
  return {
    look: async () => {
      await worker.look()
      await sweep.look()
    },
    poke: () => {
      void worker.look()
      void sweep.look()
    },
    isIdle: () => worker.isIdle() && sweep.isIdle(),
  }
}

function openSweep(parts: Parts, clients: Clients) {
  const { settings, config, signals, store, log, overrides, now } = parts
  const traceparents = makeTraceparents({ randomBytes })
  const traceparent = () => traceparents(undefined)
  const deps = { ...clients, versions: makeVersions(store, toLapse(parts)), traceparent, now }
  const yearLimit = settings.outreachCallsPerYear
  return makeSweep({
    store,
    pollings: toPollings(config),
    sweepPage: (polling, pairs, signal) =>
      sweepPage(deps, { polling, pairs, call: { lane: 'reconciliation', signal } }),
    publishFound: makePublishFound({ log, store, noteFound, now }),
    paceMs: (pairs) => overrides.sweepPaceMs ?? decideSweepPace({ pairs, yearLimit }),
    now,
    signals,
  })
}

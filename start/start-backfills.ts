import { randomUUID } from 'node:crypto'
import type { makeClients } from '../clients/make-clients.ts'
import { makeBackfillPages } from '../gateway/reconciliation/backfill/make-backfill-pages.ts'
import { makeBackfillWorker } from '../gateway/reconciliation/backfill/make-backfill-worker.ts'
import { decideSweepPace } from '../gateway/reconciliation/sweep/decide-sweep-pace.ts'
import { makeSweep } from '../gateway/reconciliation/sweep/make-sweep.ts'
import { sweepPage } from '../gateway/reconciliation/sweep/sweep-page.ts'
import type { Finding } from './make-finding.ts'
import type { Parts } from './parts.ts'

type Clients = Pick<ReturnType<typeof makeClients>, 'outreach' | 'workbooks'>

/** What goes on in the background, and can be asked to look for work now. */
export type Background = {
  /** Resolves once what begins by that is done. */
  readonly look: () => Promise<void>
  /** The same, and nobody waits for it. */
  readonly poke: () => void
  readonly isIdle: () => boolean
}

/** Starts what brings many records slowly: old pairs, backfills, and the sweep through all pairs. */
export function startBackfills(parts: Parts, clients: Clients, finding: Finding): Background {
  const { settings, signals, lifecycle, store, log, now } = parts
  const callsPerHour = settings.outreachCallsPerHour
  const worker = makeBackfillWorker({
    store,
    log,
    pages: makeBackfillPages({ ...clients, store, callsPerHour, now }),
    pollings: finding.pollings,
    by: randomUUID(),
    now,
    signals,
  })
  const sweep = openSweep(parts, clients, finding)
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

function openSweep(parts: Parts, clients: Clients, finding: Finding) {
  const { settings, signals, store, overrides, now } = parts
  const deps = { ...clients, ...finding, now }
  const yearLimit = settings.outreachCallsPerYear
  return makeSweep({
    ...finding,
    store,
    sweepPage: (polling, pairs, signal) =>
      sweepPage(deps, { polling, pairs, call: { lane: 'reconciliation', signal } }),
    paceMs: (pairs) => overrides.sweepPaceMs ?? decideSweepPace({ pairs, yearLimit }),
    now,
    signals,
  })
}

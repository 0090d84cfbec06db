import { randomBytes } from 'node:crypto'
import type { makeClients } from '../clients/make-clients.ts'
import { toPollings } from '../consumers/to-pollings.ts'
import { makeTraceparents } from '../gateway/make-traceparents.ts'
import { makePollRound } from '../gateway/reconciliation/make-poll-round.ts'
import { makePoller, type Poller } from '../gateway/reconciliation/make-poller.ts'
import { makePublishFound } from '../gateway/reconciliation/make-publish-found.ts'
import { noteFound } from '../gateway/reconciliation/misses/note-found.ts'
import { makeTheirClock } from '../gateway/reconciliation/their-clock.ts'
import { makeVersions } from '../state/versions.ts'
import { makePaceOf } from './make-pace-of.ts'
import type { Parts } from './parts.ts'
import { startMissWatch } from './start-miss-watch.ts'
import { toLapse } from './to-lapse.ts'

type Clients = Pick<ReturnType<typeof makeClients>, 'outreach' | 'workbooks'>

/** Starts what asks both systems once an interval for what no webhook told. */
export function startPoller(parts: Parts, { outreach, workbooks }: Clients): Poller {
  const { config, signals, lifecycle, store, log, overrides, now } = parts
  const pollings = toPollings(config)
  const traceparents = makeTraceparents({ randomBytes })
  const toClock = (client: Pick<Clients['outreach'], 'clockOffsetMs'>) =>
    makeTheirClock({
      elapsedMs: overrides.now ?? (() => performance.now()),
      theirNow: () => now() + client.clockOffsetMs(),
    })
  const poller = makePoller({
    ...makePollRound({
      store,
      versions: makeVersions(store, toLapse(parts)),
      outreach,
      workbooks,
      clocks: { outreach: toClock(outreach), workbooks: toClock(workbooks) },
      publishFound: makePublishFound({ log, store, noteFound, now }),
      traceparent: () => traceparents(undefined),
      now,
      signals,
    }),
    store,
    pollings,
    paceOf: makePaceOf(parts, { outreach, pollings }),
    now,
    signals,
  })
  poller.start()
  startMissWatch(parts, { outreach, workbooks }, pollings)
  lifecycle.add({ stage: 'consumers', name: 'poller', stop: () => poller.stop() })
  return poller
}

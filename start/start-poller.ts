import type { makeClients } from '../clients/make-clients.ts'
import { makePollRound } from '../gateway/reconciliation/make-poll-round.ts'
import { makePoller, type Poller } from '../gateway/reconciliation/make-poller.ts'
import { makeTheirClock } from '../gateway/reconciliation/their-clock.ts'
import type { Finding } from './make-finding.ts'
import { makePaceOf } from './make-pace-of.ts'
import type { Parts } from './parts.ts'
import { startMissWatch } from './start-miss-watch.ts'

type Clients = Pick<ReturnType<typeof makeClients>, 'outreach' | 'workbooks'>

/** Starts what asks both systems once an interval for what no webhook told. */
export function startPoller(
  parts: Parts,
  { outreach, workbooks }: Clients,
  finding: Finding,
): Poller {
  const { signals, lifecycle, store, overrides, now } = parts
  const { pollings } = finding
  const toClock = (client: Pick<Clients['outreach'], 'clockOffsetMs'>) =>
    makeTheirClock({
      elapsedMs: overrides.now ?? (() => performance.now()),
      theirNow: () => now() + client.clockOffsetMs(),
    })
  const poller = makePoller({
    ...makePollRound({
      ...finding,
      store,
      outreach,
      workbooks,
      clocks: { outreach: toClock(outreach), workbooks: toClock(workbooks) },
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

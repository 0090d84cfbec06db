import type { makeClients } from '../clients/make-clients.ts'
import { makeMissWatch, type MissWatch } from '../gateway/reconciliation/misses/make-miss-watch.ts'
import { waitFor } from '../runtime/wait-for.ts'
import type { Polling } from '../schemas/polling.ts'
import { recordTopics } from '../schemas/topics.ts'
import type { Parts } from './parts.ts'

type Clients = Pick<ReturnType<typeof makeClients>, 'outreach' | 'workbooks'>

/** Starts what counts how many changes webhooks announce, and how many they miss. */
export function startMissWatch(
  parts: Parts,
  { outreach, workbooks }: Clients,
  pollings: readonly Polling[],
): MissWatch {
  const { log, store, signals, lifecycle, overrides, now } = parts
  const clocks = { outreach, workbooks }
  const watch = makeMissWatch({
    log,
    store,
    topics: toTopics(pollings),
    clockOffsetMs: (system) => clocks[system].clockOffsetMs(),
    ...(overrides.fairMs !== undefined && { fairMs: overrides.fairMs }),
    now,
    wait: (ms, signal) => waitFor(ms, signal).catch(() => undefined),
    signals,
  })
  watch.start()
  lifecycle.add({ stage: 'consumers', name: 'miss-watch', stop: () => watch.stop() })
  return watch
}

/** Where senders announce what is polled: an e-mail address among the events of its prospect. */
function toTopics(pollings: readonly Polling[]): readonly string[] {
  const polled = new Set(
    pollings.flatMap(({ workbooks, outreach }) => [
      `workbooks ${workbooks.type}`,
      ...outreach.map(({ type }) => `outreach ${type}`),
    ]),
  )
  return Object.entries(recordTopics)
    .filter(([, { system, type }]) => polled.has(`${system} ${type}`))
    .map(([topic]) => topic)
}

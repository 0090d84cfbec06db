import assert from 'node:assert/strict'
import type { SystemGate } from '../../../clients/system-gate.ts'
import { kindDefinitions } from '../kinds/kinds.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import type { Synced } from '../pair/sync-pair.ts'
import { makeHintQueue } from './hint-queue.ts'
import { makeSyncEngine } from './make-sync-engine.ts'
import { makeRunHint } from './run-hint.ts'
import { makeStateBackOff } from './state-back-off.ts'

type Given = {
  /** What a try of the hint about this account does. */
  readonly work: (id: string) => Promise<Synced>
  readonly gates?: readonly Pick<SystemGate, 'status' | 'whenOpen'>[]
}

const now = () => Date.now()
const quiet = () => undefined
const nothing = () => Promise.resolve()

/** An engine over a sync that the test brings, in a house where nothing is paused or parked. */
export function openEngine({ work, gates = [] }: Given) {
  const [organisation] = kindDefinitions
  assert.ok(organisation)
  const kind = settleKind(organisation)
  const queue = makeHintQueue()
  const stateBackOff = makeStateBackOff({ now })
  const signals = { consumerFailed: quiet, outcome: quiet, parked: quiet }
  const runHint = makeRunHint({
    ...{ kinds: [kind], stateBackOff, now, signals },
    syncPair: ({ hint }) => work(hint.id),
    holds: {
      ...{ refresh: nothing, ofKind: quiet, ofSystem: quiet },
      ...{ pauseKind: nothing, liftSetup: nothing },
    },
    whyOff: quiet,
    isFlood: () => Promise.resolve(false),
    parking: {
      park: () => Promise.reject(new Error('Nothing is parked here')),
      join: () => Promise.resolve(false),
      release: nothing,
    },
    publish: nothing,
    keepVersions: nothing,
    newOutcomeId: String,
    companyMs: () => 0,
  })
  const engine = makeSyncEngine({
    ...{ queue, runHint, stateBackOff, now, signals, gates },
    takeParked: { take: nothing, free: nothing },
    holds: { refresh: nothing, ofSystem: quiet },
  })
  return {
    add: (id: string): void => {
      engine.add({
        ...{ ref: `outreach:account:${id}`, keys: [], readyAt: now(), isIdle: false, told: [] },
        ...{ claims: [], parked: undefined },
        hint: { kind: kind.name, side: 'outreach', id, events: [] },
      })
    },
    stop: () => engine.stop(),
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import type { OutreachClient } from '../clients/outreach/outreach-client.ts'
import type { SystemGate } from '../clients/system-gate.ts'
import type { WorkbooksClient } from '../clients/workbooks/workbooks-client.ts'
import type { EventLog, Subscription } from '../event-log/event-log.ts'
import type { SyncConfig } from '../schemas/sync-config.ts'
import { recordTopics } from '../schemas/topics.ts'
import { makeFacts } from '../state/facts.ts'
import { countFlag } from '../state/flag-times.ts'
import { makeIntents } from '../state/intents.ts'
import { makePairs } from '../state/pairs.ts'
import { makeParkedLeases } from '../state/parked-leases.ts'
import { makeParkedRecords } from '../state/parked.ts'
import { makePauses } from '../state/pauses.ts'
import { makeRelations } from '../state/relations.ts'
import type { StateStore } from '../state/state-store.ts'
import { makeLookups } from './make-lookups.ts'
import { makeRecordsOfKinds } from './make-records-of-kinds.ts'
import { prepareKinds, type Prepared } from './prepare-kinds.ts'
import { makeFlagFlood } from './sync/engine/flag-flood.ts'
import { makeHolds } from './sync/engine/holds.ts'
import { makeHintQueue } from './sync/engine/hint-queue.ts'
import { makeKeepVersions } from './sync/engine/keep-versions.ts'
import {
  makeSyncEngine,
  mostInHand as mostPairs,
  type SyncEngine,
} from './sync/engine/make-sync-engine.ts'
import { makeParkHints, readParkedHint } from './sync/engine/park-hint.ts'
import { leftoverMs, publishLeftovers } from './sync/engine/publish-leftovers.ts'
import { makePublishOutcomes } from './sync/engine/publish-outcomes.ts'
import { makeRunHint } from './sync/engine/run-hint.ts'
import { makeStateBackOff } from './sync/engine/state-back-off.ts'
import { tellsOptOut } from './sync/engine/tells-opt-out.ts'
import { makeTakeEvents } from './sync/engine/take-events.ts'
import { makeTakeParked } from './sync/engine/take-parked.ts'
import { kindDefinitions } from './sync/kinds/kinds.ts'
import type { KindDefinition } from './sync/kinds/kind.ts'
import { makeLeftAlone } from './sync/left-alone.ts'
import { makeSyncPair } from './sync/pair/sync-pair.ts'
import { makeRequestSync } from './sync/relations/request-sync.ts'
import { makeWaker, type Waker } from './sync/relations/make-waker.ts'
import type { ConsumerSignals } from './consumer-signals.ts'

type Deps = {
  readonly log: EventLog
  readonly store: StateStore
  readonly outreach: OutreachClient
  readonly workbooks: WorkbooksClient
  readonly gates: readonly SystemGate[]
  readonly config: SyncConfig
  readonly settings: { readonly outreachWebUrl: string; readonly outreachCallsPerHour: number }
  /** No other process works on this state, nor will. */
  readonly isAlone: boolean
  /** How long an echo waits for company; 5 s by rulebook 2, less where a test must not wait. */
  readonly companyMs?: number
  readonly now: () => number
  readonly signals: ConsumerSignals
}

export type Consumers = {
  /** Nothing is taken before the kinds are settled, which waits for both systems. */
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** Nothing of what was handed out is unfinished. */
  readonly isIdle: () => boolean
  /** Pauses and parked rows were changed by this process: look at them now. */
  readonly look: () => Promise<void>
}

/** How many events may be in hand: enough to fold and batch, little enough to keep in memory. */
const mostInHand = 2_000

const leftoversEveryMs = 20_000

/** The consumer of our own: reads the log, decides what a change means, and applies it (rulebook 2). */
export function makeConsumers(deps: Deps): Consumers {
  const stopping = new AbortController()
  const isStopping = () => stopping.signal.aborted
  let running: Promise<void> | undefined
  let engine: SyncEngine | undefined
  let waker: Waker | undefined
  let subscription: Subscription | undefined

  async function run(): Promise<void> {
    const facts = makeFacts(deps.store)
    const prepared = await prepareKinds(
      { ...deps, facts, wait: (ms) => wait(ms) },
      kindDefinitions,
      stopping.signal,
    )
    await publishLeftovers(deps, deps.isAlone ? 0 : leftoverMs)
    const parts = makeParts(deps, prepared)
    engine = parts.engine
    waker = parts.waker
    waker.poke()
    await engine.look()
    subscription = await deps.log.subscribe(
      {
        group: 'gateway-sync',
        // Of every kind, on or off: the members of a group must read the same topics.
        topics: toTopics(kindDefinitions),
        startFrom: 'beginning',
        maxInHand: mostInHand,
        signal: stopping.signal,
      },
      parts.take,
    )
  }

  /** Of processes that died, and of runs that a rebalance broke off. */
  const leftovers = setInterval(() => {
    if (subscription === undefined || isStopping()) return
    publishLeftovers(deps, leftoverMs).catch(deps.signals.logAway)
  }, leftoversEveryMs)
  leftovers.unref()

  /** The state or the log may be away for a while: a consumer that never starts would sit there silently. */
  async function runUntilStarted(): Promise<void> {
    for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 30_000)) {
      try {
        await run()
        return
      } catch (error) {
        if (isStopping()) return
        deps.signals.consumerFailed({ group: 'sync', error })
        await Promise.all([engine?.stop(), waker?.stop()])
        engine = undefined
        await wait(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  return {
    start() {
      running = runUntilStarted()
    },
    async stop() {
      stopping.abort()
      clearInterval(leftovers)
      await running
      // What is under way is finished and committed; then nothing is handed out any more.
      subscription?.pause()
      await Promise.all([engine?.stop(), waker?.stop()])
      await subscription?.stop()
    },
    // Before it has subscribed, nobody knows what waits in the log.
    isIdle: () =>
      subscription !== undefined && (engine?.isIdle() ?? false) && (waker?.isIdle() ?? false),
    look: async () => {
      await engine?.look()
    },
  }
}

function makeParts(deps: Deps, { kinds, off, connectionOf }: Prepared) {
  const { store, log, now, signals, outreach } = deps
  const known = [...kinds, ...off.map(({ kind }) => kind)]
  const leftAlone = makeLeftAlone(deps)
  const { recordsByKind, recordsOf, linksOfRow } = makeRecordsOfKinds({ ...deps, leftAlone }, known)
  const pairs = makePairs(store)
  const parked = makeParkedRecords(store)
  const newOutcomeId = makeOutcomeIds()
  const queue = makeHintQueue((hint) => tellsOptOut(kinds, hint))
  const relations = makeRelations(store)
  const waitUnless = (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal })
  const requestSync = makeRequestSync({ log, signals, now, wait: waitUnless })
  const waker = makeWaker({ store, relations, requestSync, now, wait: (ms) => wait(ms), signals })
  const syncPair = makeSyncPair({
    store,
    pairs,
    intents: makeIntents(store),
    relations,
    requestSync,
    linked: waker.poke,
    recordsOf,
    kindNamed: (name) => kinds.find((kind) => kind.name === name),
    outreach,
    ...makeLookups({ ...deps, recordsByKind, leftAlone }),
    eventsAbout: async (ref) => {
      const rows = await parked.byRecords([ref])
      return [...rows.flatMap((row) => readParkedHint(row).events), ...queue.eventsOf(ref)]
    },
    now,
    newOutcomeId,
    settings: { outreachWebUrl: deps.settings.outreachWebUrl, connectionOf },
  })
  const holds = makeHolds({ store, pauses: makePauses(store), now, signals })
  const publish = makePublishOutcomes({ log, store, signals, wait: waitUnless, now })
  const isFlood = makeFlagFlood({ count: (flag) => countFlag(store, flag), now })
  const waitForCompany = () => (isShort(deps) ? shortCompanyMs : (deps.companyMs ?? companyMs))
  const by = crypto.randomUUID()
  const parking = makeParkHints({ store, parked, by, now })
  const stateBackOff = makeStateBackOff({ now })
  const runHint = makeRunHint({
    kinds: known,
    whyOff: (name) => off.find(({ kind }) => kind.name === name)?.reason,
    syncPair,
    holds,
    isFlood,
    parking,
    publish,
    keepVersions: makeKeepVersions({ store, now }),
    stateBackOff,
    newOutcomeId,
    now,
    companyMs: waitForCompany,
    signals,
  })
  const engine = makeSyncEngine({
    queue,
    takeParked: makeTakeParked({
      kinds,
      queue,
      leases: makeParkedLeases({ store, by, now }),
      most: mostPairs,
      now,
    }),
    gates: deps.gates,
    holds,
    runHint,
    stateBackOff,
    now,
    signals,
  })
  const take = makeTakeEvents({
    kinds: known,
    linksOfRow,
    store,
    pairs,
    parked,
    parking,
    add: engine.add,
    publish,
    newOutcomeId,
    now,
    companyMs: waitForCompany,
    wait: (ms) => wait(ms),
    signals,
  })
  return { engine, waker, take }
}

/** How long a hint that names nothing that could matter waits for others (rulebook 2). */
const companyMs = 5_000
const shortCompanyMs = 60_000

/** Whether less than a fifth of Outreach's hour is left. */
function isShort({ gates, settings }: Deps): boolean {
  const outreach = gates.map((gate) => gate.status()).find(({ system }) => system === 'outreach')
  return (outreach?.callsThisHour ?? 0) > settings.outreachCallsPerHour * 0.8
}

function toTopics(kinds: readonly KindDefinition[]): readonly string[] {
  const wanted = new Set(
    kinds.flatMap(({ workbooks, outreach, fields }) => [
      `workbooks ${workbooks.type}`,
      `outreach ${outreach.type}`,
      ...fields
        .filter(({ members }) => members !== undefined)
        .map((line) => `outreach ${line.outreach}`),
    ]),
  )
  const topics = Object.entries(recordTopics)
    .filter(([, { system, type }]) => wanted.has(`${system} ${type}`))
    .map(([topic]) => topic)
  return [...topics, 'sync.request']
}

/** Ids that sort by time and, within a millisecond of this process, by the order of asking. */
function makeOutcomeIds(): (at: number) => string {
  let count = 0
  return (at) => {
    count = (count + 1) % 1_000_000_000
    return `${String(at).padStart(14, '0')}-${String(count).padStart(9, '0')}-${crypto.randomUUID()}`
  }
}

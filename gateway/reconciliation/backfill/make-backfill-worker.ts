import { randomBytes, randomUUID } from 'node:crypto'
import { SystemAway } from '../../../clients/errors.ts'
import { waitFor } from '../../../runtime/wait-for.ts'
import type { EventLog } from '../../../event-log/event-log.ts'
import type { Polling } from '../../../schemas/polling.ts'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import { toRequestEntry } from '../../../sdk/to-request-entry.ts'
import {
  claimBackfill,
  firstConnectionOf,
  holdBackfill,
  makeBackfills,
  moveBackfill,
  orderBackfill,
  type Backfill,
} from '../../../state/backfills.ts'
import { countTold } from '../../../state/outcomes.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { readKindsNow, type KindNow } from '../read-kinds-now.ts'
import type { BackfillPages } from './make-backfill-pages.ts'

export type BackfillFacts = Pick<Backfill, 'id' | 'kind' | 'state' | 'records' | 'done' | 'calls'>

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly log: Pick<EventLog, 'append'>
  readonly pages: BackfillPages
  readonly pollings: readonly Polling[]
  /** Names this worker; no other one has it. */
  readonly by: string
  readonly now: () => number
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signals: {
    /** It begins, it has come further, it is at its end. */
    readonly backfillMoved: (facts: BackfillFacts) => void
    readonly backfillFailed: (error: unknown) => void
  }
}

/** What a page asked for, and when (epoch ms). */
type Asked = { readonly wanted: readonly RecordRef[]; readonly since: number }

/** A plan is counted in one call: it does not wait for a backfill that takes days. */
const hands = ['records', 'plans'] as const
type Hand = (typeof hands)[number]

/** The next page is asked for when so few of this one are not handled: batches stay full. */
const fewLeft = 100

/** A page that nobody handles is not waited for longer. */
const longestPageMs = 10 * 60_000
const lookAtPageMs = 200

/** Consumers tell by the clocks of their own machines. */
const skewMs = 60_000

/** A worker that was not heard of for so long is dead, and its backfill is anybody's. */
const claimMs = 10_000

/** How often orders are looked for; oftener at first, for what waits for the first connection. */
const shortestLookMs = 25
const longestLookMs = 1_000

/** After a failure, where nobody says how long to wait. */
const restMs = 30_000

const tellEveryMs = 15_000

/**
 * Asks for the records of backfills page by page, one backfill at a time, in the lowest lane: what is asked
 * for and not handled stays little, and how far it came is in the state (rulebook 3). Plans are counted beside.
 */
export function makeBackfillWorker(deps: Deps) {
  const { store, pages, pollings, by, now, signals, wait = waitFor } = deps
  const backfills = makeBackfills(store)
  const stopping = new AbortController()
  const { signal } = stopping
  const restUntil = new Map<string, number>()
  const connected = new Set<string>()
  let looping: Promise<void> = Promise.resolve()
  let looking: Promise<void> | undefined
  const working = new Map<Hand, Promise<void>>()
  /** What is to be done by somebody; undefined before anybody can know. */
  let open: readonly Backfill[] | undefined
  let toldAt = 0

  async function loop(): Promise<void> {
    for (let waitMs = shortestLookMs; !signal.aborted;) {
      await lookOnce().catch(failed)
      await wait(waitMs, signal).catch(() => undefined)
      const isSettled = open !== undefined && (open.length === 0 || working.size > 0)
      waitMs = isSettled ? longestLookMs : Math.min(waitMs * 2, longestLookMs)
    }
  }

  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function look(): Promise<void> {
    const kinds = await readKindsNow(store, pollings)
    if (kinds === undefined) return
    for (const { polling } of kinds) await meetOldPairs(polling)
    const known = await backfills.open()
    open = known.filter(({ kind }) => kinds.some(({ polling }) => polling.kind === kind))
    for (const hand of hands) {
      const mine = open.filter(({ isPlan }) => isPlan === (hand === 'plans'))
      const next = mine.toSorted(comesFirst).find(({ id }) => (restUntil.get(id) ?? 0) <= now())
      const about = kinds.find(({ polling }) => polling.kind === next?.kind)
      if (next !== undefined && about !== undefined) begin(hand, () => work(next, about))
    }
  }

  function begin(hand: Hand, doIt: () => Promise<boolean>): void {
    if (working.has(hand)) return
    const done = doIt().then((wasOurs) => {
      working.delete(hand)
      // What is next need not wait; what another process is at is looked at again in a second.
      if (wasOurs && !signal.aborted) void lookOnce().catch(failed)
    })
    working.set(hand, done)
  }

  /** Once for ever, when its kind is on for the first time (rulebook 3). */
  async function meetOldPairs({ kind }: Polling): Promise<void> {
    if (connected.has(kind)) return
    const order = { id: firstConnectionOf(kind), kind, of: 'linked', isPlan: false } as const
    await store.write([orderBackfill(order, now())])
    connected.add(kind)
  }

  /** Old pairs first, each kind after its parents; then in the order of asking. */
  function comesFirst(one: Backfill, other: Backfill): number {
    const rankOf = ({ of }: Backfill) => (of === 'linked' ? 0 : 1)
    const placeOf = ({ kind }: Backfill) => pollings.findIndex((each) => each.kind === kind)
    return rankOf(one) - rankOf(other) || placeOf(one) - placeOf(other)
  }

  /** False where another process is at it. */
  async function work(next: Backfill, about: KindNow): Promise<boolean> {
    try {
      const claim = { by, now: now(), until: now() + claimMs }
      const [claimed] = await store.write([claimBackfill(next.id, claim)])
      if (claimed?.changes !== 1) return false
      await workThrough(next, about)
      await giveBack(next)
    } catch (error) {
      // It goes on where it was, here or elsewhere.
      const until = error instanceof SystemAway ? error.until : undefined
      restUntil.set(next.id, Math.min(until ?? now() + restMs, now() + restMs))
      failed(error)
      await giveBack(next).catch(failed)
    }
    return true
  }

  /** Whoever comes next need not wait until we count as dead. */
  async function giveBack({ id }: Backfill): Promise<void> {
    await store.write([holdBackfill(id, { by, until: 0 })])
  }

  function failed(error: unknown): void {
    // A system that is away says so by its own signal.
    if (signal.aborted || error instanceof SystemAway) return
    signals.backfillFailed(error)
  }

  async function workThrough(begun: Backfill, about: KindNow): Promise<void> {
    let backfill = begun.state === 'ordered' ? await pages.begin(begun, about, signal) : begun
    if (!(await move(backfill))) return
    let before: Asked = { wanted: [], since: now() }
    while (backfill.state === 'running' && !signal.aborted) {
      // Switched off, or paused: it goes on when the kind does.
      if (!(await isOn(backfill))) return
      const page = await pages.read(backfill, about, signal)
      const since = now()
      await ask(backfill, page.wanted)
      const asked = { wanted: page.wanted, since }
      const isLast = page.position === undefined
      // Old pairs of the next kind may name these: they are met as parents before their children.
      const isTold = await (isLast && backfill.of === 'linked'
        ? untilTold(backfill, { wanted: [...before.wanted, ...asked.wanted], since: before.since })
        : untilMostAreTold(backfill, asked))
      if (!isTold) return
      before = asked
      backfill = {
        ...backfill,
        done: backfill.done + page.looked,
        position: page.position ?? '',
        state: page.position === undefined ? 'done' : 'running',
      }
      if (!(await move(backfill))) return
    }
  }

  async function isOn({ kind }: Backfill): Promise<boolean> {
    const kinds = await readKindsNow(store, pollings)
    return kinds?.some(({ polling }) => polling.kind === kind) ?? false
  }

  async function move(backfill: Backfill): Promise<boolean> {
    const until = backfill.state === 'running' ? now() + claimMs : 0
    const [moved] = await store.write([moveBackfill(backfill, { by, until })])
    if (moved?.changes !== 1) return false
    if (backfill.done === 0 || backfill.state !== 'running' || now() - toldAt >= tellEveryMs) {
      toldAt = now()
      const { id, kind, state, records, done, calls } = backfill
      signals.backfillMoved({ id, kind, state, records, done, calls })
    }
    return true
  }

  async function ask({ of }: Backfill, wanted: readonly RecordRef[]): Promise<void> {
    if (wanted.length === 0) return
    const reason = of === 'linked' ? 'it was linked before we came' : 'a backfill was asked for'
    const making = { now, randomId: randomUUID, randomBytes }
    const entries = wanted.map((record) => toRequestEntry(making, 'backfill', { record, reason }))
    await deps.log.append(entries)
  }

  function untilMostAreTold(backfill: Backfill, asked: Asked): Promise<boolean> {
    return untilTold(backfill, asked, Math.min(fewLeft, asked.wanted.length / 2))
  }

  /** False where it is somebody else's now, or was stopped. */
  async function untilTold(
    { id }: Backfill,
    { wanted, since }: Asked,
    mostLeft = 0,
  ): Promise<boolean> {
    const begunAt = now()
    let heldAt = begunAt
    while (wanted.length > 0 && now() - begunAt < longestPageMs) {
      const told = await countTold(store, { records: wanted, since: since - skewMs })
      if (wanted.length - told <= mostLeft) return true
      await wait(lookAtPageMs, signal)
      if (now() - heldAt < claimMs / 4) continue
      heldAt = now()
      const [held] = await store.write([holdBackfill(id, { by, until: now() + claimMs })])
      if (held?.changes !== 1) return false
    }
    return true
  }

  return {
    start(): void {
      looping = loop()
    },
    async stop(): Promise<void> {
      stopping.abort()
      await looping
      await looking?.catch(() => undefined)
      await Promise.all(working.values())
    },
    /** Looks for orders now, e.g. because this process has just taken one. */
    look: async (): Promise<void> => {
      // One that is under way may have looked before the order.
      await looking?.catch(() => undefined)
      await lookOnce().catch(failed)
    },
    /** Nothing is to be done, here or elsewhere; not before somebody can know. */
    isIdle: (): boolean => working.size === 0 && open?.length === 0,
  }
}

export type BackfillWorker = ReturnType<typeof makeBackfillWorker>

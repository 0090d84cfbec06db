import type { Polling } from '../../schemas/polling.ts'
import { systems, type System } from '../../schemas/record-ref.ts'
import { makePauses } from '../../state/pauses.ts'
import {
  beginRound,
  makePollRounds,
  removeRequests,
  type PollRequest,
} from '../../state/poll-rounds.ts'
import type { StateStore } from '../../state/state-store.ts'
import { decideDueAt, mayAskAgain, type RoundEnd } from './decide-due-at.ts'
import type { PollRound } from './make-poll-round.ts'
import { readKindsOn, type KindNow } from './read-kinds-now.ts'

type Deps = PollRound & {
  readonly store: StateStore
  readonly pollings: readonly Polling[]
  /** How often this system is polled now, in seconds; Infinity: only when somebody asks. */
  readonly paceOf: (system: System, kinds: readonly Polling[]) => Promise<number>
  readonly now: () => number
  readonly signals: { readonly pollerFailed: (error: unknown) => void }
}

export type Poller = {
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** Does now what would be done within a second; resolves when the intervals that begin by that are over. */
  readonly look: () => Promise<void>
  /** The same, and nobody waits for it. */
  readonly poke: () => void
  /** No interval is under way, and every kind that is on has its place. */
  readonly isIdle: () => boolean
}

const lookEveryMs = 1_000
/** Until the consumers have said which kinds are on: what changes from then on is to be found. */
const lookFirstMs = 100
/** Kinds are switched, and paces change. */
const rereadEveryMs = 5_000

/**
 * The second door (issue 7): asks both systems, each by itself, for what webhooks have missed. Of all
 * processes one does so at a time; another takes over where it dies.
 */
export function makePoller(deps: Deps): Poller {
  const { store, pollings, paceOf, pollRound, settleNew, now, signals } = deps
  const pauses = makePauses(store)
  const rounds = makePollRounds(store)
  const stopping = new AbortController()
  const underWay = new Map<System | 'first', Promise<void>>()
  const ends = new Map<System, RoundEnd>()
  let timer: NodeJS.Timeout | undefined
  let isSettled = false
  let nextAt = 0

  const readKinds = () => readKindsOn(store, pollings)

  /** Epoch ms. */
  async function dueAt(system: System, kinds: readonly KindNow[]): Promise<number> {
    const seconds = await paceOf(
      system,
      kinds.map(({ polling }) => polling),
    )
    const last = await rounds.last(system)
    const [beganAt, end] = [last?.beganAt, ends.get(system)]
    return decideDueAt({ now: now(), beganAt, intervalMs: seconds * 1000, end })
  }

  async function readPaused(): Promise<ReadonlySet<string>> {
    return new Set((await pauses.all()).map(({ what }) => what))
  }

  function noteEnd(system: System, how: RoundEnd['how']): void {
    ends.set(system, { how, before: ends.get(system)?.how, at: now() })
  }

  /** Whether it is due is asked again once nobody else is at it: perhaps it has just been done. */
  async function pollIfDue(system: System, held: AbortSignal): Promise<void> {
    // What was asked for stands until the system is resumed. A kind that is paused is polled all the
    // same: events are kept, and others read them too.
    if ((await readPaused()).has(system)) return
    const { on } = await readKinds()
    const requests = (await rounds.requests()).filter((request) => request.system === system)
    const isByTime = now() >= (await dueAt(system, on))
    if (!isByTime && requests.length === 0) return
    const kinds = isByTime ? on : on.filter(({ polling }) => isAskedFor(polling.kind, requests))
    // The others' interval goes on where only some kinds are read.
    if (kinds.length === on.length) await store.write([beginRound(system, now())])
    const { round = 1 } = (await rounds.last(system)) ?? {}
    const isAsked = requests.length > 0
    noteEnd(system, await pollRound({ system, kinds, round, isAsked, signal: held }))
    if (isAsked) await store.write([removeRequests(requests.map(({ id }) => id))])
  }

  function begin(
    what: System | 'first',
    work: (held: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const begun = underWay.get(what)
    if (begun !== undefined) return begun
    const { signal } = stopping
    const running = store
      .exclusively(
        [`reconciliation:${what}`],
        (held) => work(AbortSignal.any([held, signal])),
        signal,
      )
      .catch((error: unknown) => {
        if (signal.aborted) return
        if (what !== 'first') noteEnd(what, 'broken')
        signals.pollerFailed(error)
      })
      .finally(() => underWay.delete(what))
    underWay.set(what, running)
    return running
  }

  async function look(): Promise<void> {
    if (stopping.signal.aborted) return
    if (!isSettled && !(await settleFirst())) return
    const asked = new Set((await rounds.requests()).map(({ system }) => system).filter(mayAsk))
    if (asked.size === 0 && !isTimeToLook()) return
    const [{ on }, paused] = await Promise.all([readKinds(), readPaused()])
    const all = await Promise.all(
      systems
        .filter((system) => !paused.has(system))
        .map(async (system) => ({ system, at: await dueAt(system, on) })),
    )
    nextAt = Math.min(now() + rereadEveryMs, ...all.map(({ at }) => Math.max(at, now())))
    const due = all.filter(({ system, at }) => now() >= at || asked.has(system))
    await Promise.all(due.map(({ system }) => begin(system, (held) => pollIfDue(system, held))))
  }

  const mayAsk = (system: System) => mayAskAgain(now(), ends.get(system))

  /** Also where the clock was set back. */
  function isTimeToLook(): boolean {
    const waitMs = nextAt - now()
    return waitMs <= 0 || waitMs > rereadEveryMs
  }

  /** False while the consumers have not said which kinds are on. */
  async function settleFirst(): Promise<boolean> {
    const { on, areAllKnown } = await readKinds()
    if (!areAllKnown) return false
    await begin('first', (held) => settleNew(on, held))
    isSettled = true
    return true
  }

  function lookLater(ms: number): void {
    timer = setTimeout(() => {
      void lookSafely().then(() => {
        if (!stopping.signal.aborted) lookLater(isSettled ? lookEveryMs : lookFirstMs)
      })
    }, ms)
    timer.unref()
  }

  const lookSafely = () => look().catch((error: unknown) => signals.pollerFailed(error))

  return {
    start: () => lookLater(0),
    stop: async () => {
      stopping.abort()
      clearTimeout(timer)
      await Promise.all(underWay.values())
    },
    look: lookSafely,
    poke: () => void lookSafely(),
    isIdle: () => isSettled && underWay.size === 0,
  }
}

function isAskedFor(kind: string, requests: readonly PollRequest[]): boolean {
  return requests.some((request) => request.kind === '' || request.kind === kind)
}

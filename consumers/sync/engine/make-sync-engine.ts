import type { SystemGate } from '../../../clients/system-gate.ts'
import type { Holds } from './holds.ts'
import { gatherMs, makeGathering } from './make-gathering.ts'
import { toAbandonment, type HintQueue, type Queued } from './hint-queue.ts'
import type { RunHint } from './run-hint.ts'
import type { StateBackOff } from './state-back-off.ts'
import type { TakeParked } from './take-parked.ts'

type Deps = {
  readonly queue: HintQueue
  readonly takeParked: TakeParked
  readonly gates: readonly Pick<SystemGate, 'status' | 'whenOpen'>[]
  readonly holds: Pick<Holds, 'refresh' | 'ofSystem'>
  readonly runHint: RunHint
  readonly stateBackOff: Pick<StateBackOff, 'until'>
  readonly now: () => number
  readonly signals: {
    readonly consumerFailed: (facts: { group: string; error: unknown }) => void
  }
}

/** Pairs worked on at once; each reads, waits and writes in shared batches. */
export const mostInHand = 200

/** Of those, the lower lanes never take the last places: a live hint need not wait behind a bulk. */
const mostLower = 150

/** A batch starts only when it fills, or takes all that waits: N records cost N/100 reads, not N. */
const fullBatch = 100

/** How often pauses and parked rows, which other processes may have changed, are looked at. */
const lookMs = 1_000

/** Takes what has piled up, works on the pairs in parallel, and waits while a system is away. */
export function makeSyncEngine(deps: Deps) {
  const { now, gates, holds, queue } = deps
  const gathering = makeGathering({ now, fullBatch })
  const stopped = new AbortController()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let isPumpDue = false
  let isWaiting = false
  let isStopping = false
  let looking: Promise<void> | undefined

  /** Once for all that arrives in this turn of the event loop, so that they share their reads. */
  function pumpSoon(): void {
    if (isPumpDue) return
    isPumpDue = true
    setImmediate(() => {
      isPumpDue = false
      pump()
    })
  }

  function pump(): void {
    clearTimeout(timer)
    if (isStopping) return
    queue.dropAbandoned()
    if (gates.some((gate) => isAway(gate, now()))) {
      waitForGates()
      return
    }
    const backAt = deps.stateBackOff.until() ?? 0
    if (backAt > now()) {
      timer = setTimeout(pump, backAt - now())
      return
    }
    if (holds.ofSystem() === undefined) takeBatch()
    const next = queue.nextReadyAt()
    if (next === undefined) return
    // What is ready and was not taken gathers company, or waits for room, which comes with a `pump`.
    const at = next > now() ? next : next + gatherMs
    if (at > now()) timer = setTimeout(pump, at - now())
  }

  /** While a circuit, or the state, is being probed one hint is enough to tell. */
  function isProbing(): boolean {
    const isStateUnsure = deps.stateBackOff.until() !== undefined
    return isStateUnsure || gates.some((gate) => gate.status().circuit === 'half-open')
  }

  function takeBatch(): void {
    const most = howMany()
    if (most === 0) return
    const places = isProbing() ? most : Math.min(fullBatch, mostInHand - queue.inHandCount())
    const taken = queue.take(now(), most, places)
    gathering.taken(taken.length)
    for (const queued of taken) {
      const work = run(queued)
      running.add(work)
      void work.finally(() => running.delete(work))
    }
  }

  function howMany(): number {
    const inHand = queue.inHandCount()
    const { live, lower } = queue.countReady(now())
    if (isProbing()) return inHand === 0 ? Math.min(live + lower, 1) : 0
    const room = (live > 0 ? mostInHand : mostLower) - inHand
    const all = Math.min(live > 0 ? live : lower, fullBatch)
    // Lower lanes wait until there is room for all of a batch, live hints only for the places kept for
    // them: taken one by one as others finish, a thousand would cost a thousand reads.
    const least = Math.min(all, live > 0 ? mostInHand - mostLower : fullBatch)
    if (all === 0 || room < least) return 0
    const wanted = Math.min(all, room)
    if (gathering.mustWait({ count: wanted, since: queue.nextReadyAt() ?? now() })) return 0
    // Live hints take lower ones along as far as those have places of their own.
    return Math.min(fullBatch, Math.max(wanted, Math.min(live + lower, mostLower - inHand)))
  }

  async function run(queued: Queued): Promise<void> {
    // Ours as long as one of its entries is; a parked hint belongs to nobody else.
    const over = new AbortController()
    const abandoned = toAbandonment(queued, over.signal)
    const signals = abandoned === undefined ? [stopped.signal] : [abandoned, stopped.signal]
    const again = await deps.runHint(queued, AbortSignal.any(signals))
    over.abort()
    if (again !== undefined && !isStopping) queue.add(again)
    queue.finish(queued.ref)
    pumpSoon()
  }

  function waitForGates(): void {
    if (isWaiting) return
    isWaiting = true
    Promise.all(gates.map((gate) => gate.whenOpen(stopped.signal)))
      .catch(() => undefined)
      .finally(() => {
        isWaiting = false
        queue.wake(now())
        // Never in the same turn: a gate that changes its mind must not hold up the event loop.
        pumpSoon()
      })
  }

  /** Parked hints whose time has come, and pauses that somebody set or lifted. */
  async function look(): Promise<void> {
    await holds.refresh()
    await deps.takeParked.take()
    pumpSoon()
  }

  /** One look at a time: a state that answers slowly is not asked for the same thing twice. */
  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  const looker = setInterval(() => {
    lookOnce().catch((error: unknown) => deps.signals.consumerFailed({ group: 'sync', error }))
  }, lookMs)

  return {
    add: (queued: Queued): void => {
      queue.add(queued)
      pumpSoon()
    },
    /** Looks at pauses and parked rows now, e.g. because this process has just changed them. */
    look: async (): Promise<void> => {
      // One that is under way may have looked before the change.
      await looking?.catch(() => undefined)
      await lookOnce()
    },
    /** Nothing waits and nothing is under way; parked rows may still wait for their time. */
    isIdle: (): boolean => queue.waitingCount() === 0 && queue.inHandCount() === 0,
    /** Ends what waits; what is under way is finished first, what is not done comes again. */
    stop: async (): Promise<void> => {
      isStopping = true
      clearInterval(looker)
      clearTimeout(timer)
      queue.clear()
      const grace = setTimeout(() => stopped.abort(), graceMs)
      await Promise.allSettled(running)
      clearTimeout(grace)
      stopped.abort()
      await looking?.catch(() => undefined)
      await deps.takeParked
        .free()
        .catch((error: unknown) => deps.signals.consumerFailed({ group: 'sync', error }))
    },
  }
}

/** What is under way when we stop has so long; then it writes nothing more, and comes again. */
const graceMs = 15_000

export type SyncEngine = ReturnType<typeof makeSyncEngine>

function isAway(gate: Pick<SystemGate, 'status'>, now: number): boolean {
  const { pausedUntil, circuit } = gate.status()
  return circuit === 'open' || (circuit === 'closed' && pausedUntil !== null && pausedUntil > now)
}

import type { SystemGate } from '../../../clients/system-gate.ts'
import type { ParkedRecords } from '../../../state/parked.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { refOfHint } from '../hint.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Holds } from './holds.ts'
import { makeHintQueue, type Queued } from './hint-queue.ts'
import { readParkedHint } from './park-hint.ts'
import type { RunHint } from './run-hint.ts'

type Deps = {
  readonly kinds: readonly Kind[]
  readonly store: StateStore
  readonly parked: ParkedRecords
  readonly gates: readonly Pick<SystemGate, 'status' | 'whenOpen'>[]
  readonly holds: Holds
  readonly runHint: RunHint
  readonly now: () => number
  readonly signals: {
    readonly consumerFailed: (facts: { group: string; error: unknown }) => void
  }
}

/** Pairs worked on at once; each reads, waits and writes in shared batches. */
const mostInHand = 200

/** A batch starts only when it fills, or takes all that waits: N records cost N/100 reads, not N. */
const fullBatch = 100

/** How often pauses and parked rows, which other processes may have changed, are looked at. */
const lookMs = 1_000

/** Takes what has piled up, works on the pairs in parallel, and waits while a system is away. */
export function makeSyncEngine(deps: Deps) {
  const { now, gates, holds } = deps
  const queue = makeHintQueue()
  const stopped = new AbortController()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let isWaiting = false
  let isStopping = false

  function pump(): void {
    clearTimeout(timer)
    if (isStopping) return
    queue.dropAbandoned()
    if (gates.some((gate) => gate.status().circuit === 'open' || isPaused(gate, now()))) {
      waitForGates()
      return
    }
    if (holds.ofSystem() === undefined) takeBatch()
    const next = queue.nextReadyAt()
    if (next !== undefined && next > now()) timer = setTimeout(pump, next - now())
  }

  function takeBatch(): void {
    // While a circuit is being probed one hint is enough to tell.
    const isProbing = gates.some((gate) => gate.status().circuit === 'half-open')
    const room = isProbing ? 1 - queue.inHandCount() : mostInHand - queue.inHandCount()
    const wanted = Math.min(queue.readyCount(now()), isProbing ? 1 : fullBatch)
    if (wanted === 0 || room < wanted) return
    for (const queued of queue.take(now(), Math.min(room, fullBatch))) {
      const work = run(queued)
      running.add(work)
      void work.finally(() => running.delete(work))
    }
  }

  async function run(queued: Queued): Promise<void> {
    try {
      const again = await deps.runHint(queued, AbortSignal.any([queued.owned, stopped.signal]))
      if (again !== undefined && !isStopping) queue.add(again)
    } catch (error) {
      // Neither handled nor parked: the state or the log is away. It stays undone, and is tried again.
      deps.signals.consumerFailed({ group: 'sync', error })
      if (!isStopping) queue.add({ ...queued, readyAt: now() + lookMs })
    } finally {
      queue.finish(queued.ref)
      pump()
    }
  }

  function waitForGates(): void {
    if (isWaiting) return
    isWaiting = true
    Promise.all(gates.map((gate) => gate.whenOpen(stopped.signal)))
      .catch(() => undefined)
      .finally(() => {
        isWaiting = false
        pump()
      })
  }

  /** Parked hints whose time has come, and pauses that somebody set or lifted. */
  async function look(): Promise<void> {
    await holds.refresh()
    const due = await deps.parked.due(now(), mostInHand)
    for (const row of due) {
      const hint = readParkedHint(row)
      const ref = refOfHint(hint, deps.kinds)
      if (!deps.kinds.some(({ name }) => name === hint.kind) || queue.isKnown(ref)) continue
      queue.add({
        ref,
        hint,
        readyAt: now(),
        isIdle: false,
        dones: [],
        owned: stopped.signal,
        parked: { revision: row.revision, attempts: row.attempts, cause: row.cause },
      })
    }
    pump()
  }

  const looker = setInterval(() => {
    look().catch((error: unknown) => deps.signals.consumerFailed({ group: 'sync', error }))
  }, lookMs)

  return {
    add: (queued: Queued): void => {
      queue.add(queued)
      pump()
    },
    /** Looks at pauses and parked rows now, e.g. because this process has just changed them. */
    look,
    /** Nothing waits and nothing is under way; parked rows may still wait for their time. */
    isIdle: (): boolean => queue.waitingCount() === 0 && queue.inHandCount() === 0,
    /** Ends what waits; what is under way is finished first, what is not done comes again. */
    async stop(): Promise<void> {
      isStopping = true
      clearInterval(looker)
      clearTimeout(timer)
      queue.clear()
      await Promise.allSettled(running)
      stopped.abort()
    },
  }
}

export type SyncEngine = ReturnType<typeof makeSyncEngine>

function isPaused(gate: Pick<SystemGate, 'status'>, now: number): boolean {
  const { pausedUntil, circuit } = gate.status()
  return circuit !== 'half-open' && pausedUntil !== null && pausedUntil > now
}

import type { RecordRef } from '../../../schemas/record-ref.ts'
import type { Lane } from '../../../clients/call.ts'
import { foldHints, laneOfHint, type Hint } from '../hint.ts'

/** A parked row that this hint was taken from. */
export type FromParked = {
  readonly revision: number
  readonly attempts: number
  readonly cause: string
}

/** One record's hints, folded, and what to say when they are handled. */
export type Queued = {
  readonly ref: RecordRef
  readonly hint: Hint
  /** Not before this, epoch ms: a hint that waits for company, or a lost create's second look. */
  readonly readyAt: number
  /** Waits only for company: it may go along with others at any time. */
  readonly isIdle: boolean
  readonly dones: readonly (() => void)[]
  readonly owned: AbortSignal
  readonly parked: FromParked | undefined
}

const laneOrder: readonly Lane[] = ['live', 'reconciliation', 'replay', 'backfill']

/** What waits to be synchronised: folded by record, in lanes; a record in hand waits for itself. */
export function makeHintQueue() {
  const waiting = new Map<RecordRef, Queued>()
  const inHand = new Set<RecordRef>()

  function isReady(queued: Queued, now: number): boolean {
    return queued.readyAt <= now && !inHand.has(queued.ref)
  }

  return {
    add(queued: Queued): void {
      const there = waiting.get(queued.ref)
      waiting.set(queued.ref, there === undefined ? queued : fold(there, queued))
    },

    /**
     * Up to `most` hints whose time has come, the live lane first; where there are any, idle ones go
     * along, for the reads are shared.
     */
    take(now: number, most: number): readonly Queued[] {
      const ready = [...waiting.values()].filter((queued) => isReady(queued, now))
      if (ready.length === 0) return []
      ready.sort(
        (one, two) =>
          laneOrder.indexOf(laneOfHint(one.hint)) - laneOrder.indexOf(laneOfHint(two.hint)),
      )
      const taken = ready.slice(0, most)
      for (const queued of waiting.values()) {
        if (taken.length >= most) break
        if (queued.isIdle && !inHand.has(queued.ref) && !taken.includes(queued)) taken.push(queued)
      }
      for (const { ref } of taken) {
        waiting.delete(ref)
        inHand.add(ref)
      }
      return taken
    },

    finish(ref: RecordRef): void {
      inHand.delete(ref)
    },

    readyCount(now: number): number {
      return [...waiting.values()].filter((queued) => isReady(queued, now)).length
    },

    /** When the next waiting hint becomes ready; undefined where none waits. */
    nextReadyAt(): number | undefined {
      const times = [...waiting.values()]
        .filter(({ ref }) => !inHand.has(ref))
        .map(({ readyAt }) => readyAt)
      return times.length === 0 ? undefined : Math.min(...times)
    },

    /** Takes back whatever is no longer this process's. */
    dropAbandoned(): void {
      for (const [ref, { owned }] of waiting) if (owned.aborted) waiting.delete(ref)
    },

    isKnown: (ref: RecordRef): boolean => waiting.has(ref) || inHand.has(ref),
    clear: () => {
      waiting.clear()
    },
    inHandCount: () => inHand.size,
    waitingCount: () => waiting.size,
  }
}

export type HintQueue = ReturnType<typeof makeHintQueue>

function fold(first: Queued, second: Queued): Queued {
  return {
    ...first,
    hint: foldHints(first.hint, second.hint),
    readyAt: Math.min(first.readyAt, second.readyAt),
    isIdle: first.isIdle && second.isIdle,
    dones: [...first.dones, ...second.dones],
    owned: first.owned.aborted ? second.owned : first.owned,
    parked: first.parked ?? second.parked,
  }
}

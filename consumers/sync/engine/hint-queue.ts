import type { RecordRef } from '../../../schemas/record-ref.ts'
import type { Lane } from '../../../clients/call.ts'
import { foldHints, laneOfHint, type Hint, type HintEvent } from '../hint.ts'
import type { ToldOutcome } from '../pair/work.ts'

/** A parked row that this hint was taken from. */
export type FromParked = {
  /** Ours until this aborts: then another process has come by the row. */
  readonly owned: AbortSignal
  readonly revision: number
  readonly attempts: number
  readonly cause: string
}

/** An entry of the log behind a hint: ours until `owned` aborts, handled once `done` is said. */
export type Claim = { readonly owned: AbortSignal; readonly done: () => void }

/** One record's hints, folded, and what to say when they are handled. */
export type Queued = {
  readonly ref: RecordRef
  readonly hint: Hint
  /** The references of its pair, as far as they are known: held from the start. */
  readonly keys: readonly string[]
  /** Not before this, epoch ms: a hint that waits for company, or a lost create's second look. */
  readonly readyAt: number
  /** Waits only for company: it may go along with others at any time. */
  readonly isIdle: boolean
  /** Before all lanes. */
  readonly isFirst?: boolean
  /** It was begun before, and broken off. */
  readonly isRepeat?: boolean
  /** Until `readyAt`, as a system said: where that goes on earlier, so does it. */
  readonly awaitsSystem?: boolean
  readonly claims: readonly Claim[]
  readonly parked: FromParked | undefined
  /** Outcomes that were written and could not be published yet. */
  readonly told: readonly ToldOutcome[]
}

const laneOrder: readonly Lane[] = ['live', 'reconciliation', 'replay', 'backfill']

/**
 * What waits to be synchronised: folded by record, in lanes; a record in hand waits for itself. `isFirst`:
 * what goes before all lanes (rulebook 11).
 */
export function makeHintQueue(isFirst: (hint: Hint) => boolean = () => false) {
  const waiting = new Map<RecordRef, Queued>()
  const inHand = new Map<RecordRef, Queued>()

  function isReady(queued: Queued, now: number): boolean {
    return queued.readyAt <= now && !inHand.has(queued.ref)
  }

  return {
    add(added: Queued): void {
      const queued = isFirst(added.hint) ? { ...added, isFirst: true } : added
      const there = waiting.get(queued.ref)
      waiting.set(queued.ref, there === undefined ? queued : fold(there, queued))
    },

    /**
     * Up to `most` hints whose time has come, the live lane first; where there are any, idle ones go
     * along until `places` are taken, for the reads are shared.
     */
    take(now: number, most: number, places: number = most): readonly Queued[] {
      const ready = [...waiting.values()].filter((queued) => isReady(queued, now))
      if (ready.length === 0) return []
      ready.sort((one, two) => rankOf(one) - rankOf(two))
      const taken = new Set(ready.slice(0, most))
      for (const queued of waiting.values()) {
        if (taken.size >= places) break
        if (queued.isIdle && !inHand.has(queued.ref)) taken.add(queued)
      }
      for (const queued of taken) {
        waiting.delete(queued.ref)
        inHand.set(queued.ref, queued)
      }
      return [...taken]
    },

    /** The systems are there: whoever waits for one of them need not wait until the time it said. */
    wake(now: number): void {
      for (const [ref, queued] of waiting) {
        if (queued.awaitsSystem !== true || queued.readyAt <= now) continue
        waiting.set(ref, { ...queued, readyAt: now, awaitsSystem: false })
      }
    },

    finish(ref: RecordRef): void {
      inHand.delete(ref)
    },

    /** How many are ready, in the live lane and below it. */
    countReady(now: number): { readonly live: number; readonly lower: number } {
      const ready = [...waiting.values()].filter((queued) => isReady(queued, now))
      const live = ready.filter((queued) => rankOf(queued) <= 0).length
      return { live, lower: ready.length - live }
    },

    /** When the next waiting hint becomes ready; undefined where none waits. */
    nextReadyAt(): number | undefined {
      const times = [...waiting.values()]
        .filter(({ ref }) => !inHand.has(ref))
        .map(({ readyAt }) => readyAt)
      return times.length === 0 ? undefined : Math.min(...times)
    },

    /** Takes back whatever is no longer this process's in any part. */
    dropAbandoned(): void {
      for (const [ref, queued] of waiting) if (isAbandoned(queued)) waiting.delete(ref)
    },

    /** What is said of a record and not handled yet. */
    eventsOf: (ref: RecordRef): readonly HintEvent[] =>
      [waiting.get(ref), inHand.get(ref)].flatMap((queued) => queued?.hint.events ?? []),

    isKnown: (ref: RecordRef): boolean => waiting.has(ref) || inHand.has(ref),
    /** The records whose parked rows are here. */
    parkedRefs: (): readonly RecordRef[] =>
      [...waiting.values(), ...inHand.values()]
        .filter(({ parked }) => parked?.owned.aborted === false)
        .map(({ ref }) => ref),
    clear: () => {
      waiting.clear()
    },
    inHandCount: () => inHand.size,
    waitingCount: () => waiting.size,
  }
}

export type HintQueue = ReturnType<typeof makeHintQueue>

/** Whether nothing behind it is ours any more: another process has it. */
export function isAbandoned(queued: Queued): boolean {
  const owners = ownersOf(queued)
  return owners.length > 0 && owners.every(({ aborted }) => aborted)
}

function ownersOf({ claims, parked }: Queued): readonly AbortSignal[] {
  const ofLog = claims.map(({ owned }) => owned)
  return parked === undefined ? ofLog : [...ofLog, parked.owned]
}

/** Aborts once nothing behind it is ours any more. `over` ends the looking. */
export function toAbandonment(queued: Queued, over: AbortSignal): AbortSignal | undefined {
  const owners = [...new Set(ownersOf(queued))]
  const [first, second] = owners
  if (second === undefined) return first
  const abandoned = new AbortController()
  const look = () => {
    if (isAbandoned(queued)) abandoned.abort()
  }
  for (const owned of owners) owned.addEventListener('abort', look, { signal: over })
  look()
  return abandoned.signal
}

/** Says done for what is still ours. */
export function sayDone({ claims }: Queued): void {
  for (const { owned, done } of claims) if (!owned.aborted) done()
}

function rankOf({ hint, isFirst = false }: Queued): number {
  return isFirst ? -1 : laneOrder.indexOf(laneOfHint(hint))
}

function fold(first: Queued, second: Queued): Queued {
  const claims = [...first.claims, ...second.claims]
  const ours = claims.filter(({ owned }) => !owned.aborted)
  return {
    ...first,
    hint: foldHints(first.hint, second.hint),
    keys: [...new Set([...first.keys, ...second.keys])],
    readyAt: Math.min(first.readyAt, second.readyAt),
    isIdle: first.isIdle && second.isIdle,
    isFirst: first.isFirst === true || second.isFirst === true,
    // What is handed out again after a rebalance came with a claim of its own.
    claims: ours.length > 0 ? ours : claims,
    parked: first.parked ?? second.parked,
    told: [...first.told, ...second.told],
  }
}

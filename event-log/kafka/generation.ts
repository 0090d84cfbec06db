import type { Handed, Kept, Take } from '../event-log.ts'
import { makeInHand } from '../in-hand.ts'
import type { InHand } from '../in-hand.ts'
import type { Place, PlacedOffset } from './place.ts'

type Deps = {
  /** What the group gave us; topics with the broker's names. */
  readonly places: readonly Place[]
  readonly maxInHand: number
  /** A partition with more than this waiting is held. */
  readonly maxAheadBytes: number
  readonly take: Take
  readonly mayHand: () => boolean
  /** Fetch no more of it; fetch it again. */
  readonly hold: (place: Place) => void
  readonly release: (place: Place) => void
  /** `take` threw, which it never should. */
  readonly broke: (error: unknown) => void
}

export type Fetched = Place & {
  readonly entries: readonly Kept[]
  /** Of everything that was fetched, also what is no entry: records of transactions. */
  readonly last: number
}

/**
 * The partitions that are ours from one joining of the group to the next, and what we hold of them.
 * Nothing of it outlives `end`: no entry is handed out, no `done` counts (infrastructure 3.5).
 */
export type Generation = {
  /** Where each begins. Until then nothing that was fetched is taken. */
  readonly place: (starts: readonly PlacedOffset[]) => void
  /** `backwards`: offsets were given a second time, so the topic is not the one that we were reading. */
  readonly fetched: (fetched: Fetched) => 'taken' | 'not ours' | 'backwards'
  /** Hands out what there is room for. */
  readonly pump: () => void
  /** Up to where all is done, of the partitions where that is news. */
  readonly moved: () => readonly PlacedOffset[]
  readonly committed: (offsets: readonly PlacedOffset[]) => void
  readonly end: () => void
}

/** The most that is handed out in one call, so that a busy partition starves no other. */
const MAX_HANDED = 500
/** An entry costs more than its value. */
const ENTRY_BYTES = 300

type Waiting = { readonly offset: number; readonly entry: Kept | undefined }

type State = {
  readonly place: Place
  readonly hand: InHand
  waiting: Waiting[]
  front: number
  bytes: number
  isHeld: boolean
  next: number
  committed: number
}

export function makeGeneration(deps: Deps): Generation {
  const owned = new AbortController()
  const states = new Map<string, State>()
  /** Those with something to hand out; the one whose turn it is goes to the back. */
  const line = new Set<State>()
  let inHand = 0
  let isPumping = false

  const isOver = () => owned.signal.aborted
  const end = () => {
    owned.abort()
    line.clear()
    for (const state of states.values()) {
      state.waiting = []
      state.front = 0
    }
  }

  const weigh = (state: State) => {
    if (state.bytes >= deps.maxAheadBytes && !state.isHeld) {
      state.isHeld = true
      deps.hold(state.place)
    } else if (state.isHeld && state.bytes < deps.maxAheadBytes / 2) {
      state.isHeld = false
      deps.release(state.place)
    }
  }

  const toHanded = (state: State, entry: Kept): Handed => {
    const done = state.hand.take(Number(entry.at.offset))
    inHand++
    return {
      ...entry,
      done: () => {
        if (isOver() || !done()) return
        inHand--
        pump()
      },
    }
  }

  const handSome = (state: State) => {
    const room = Math.min(deps.maxInHand - inHand, MAX_HANDED)
    const handed: Handed[] = []
    while (handed.length < room) {
      const next = state.waiting[state.front]
      if (next === undefined) break
      state.front++
      if (next.entry === undefined) state.hand.take(next.offset)()
      else {
        state.bytes -= bytesOf(next.entry)
        handed.push(toHanded(state, next.entry))
      }
    }
    if (state.front === state.waiting.length) {
      state.waiting = []
      state.front = 0
    } else line.add(state)
    if (handed.length > 0) deps.take(handed, owned.signal)
    if (!isOver()) weigh(state)
  }

  const pump = () => {
    if (isPumping) return
    isPumping = true
    try {
      while (!isOver() && deps.mayHand() && inHand < deps.maxInHand) {
        const [state] = line
        if (state === undefined) break
        line.delete(state)
        handSome(state)
      }
    } catch (error) {
      deps.broke(error)
    } finally {
      isPumping = false
    }
  }

  return {
    place: (starts) => {
      for (const { topic, partition, offset } of starts) {
        const place = { topic, partition }
        states.set(keyOf(place), { ...newState(place), next: offset, committed: offset })
      }
    },
    fetched: (fetched) => {
      const state = states.get(keyOf(fetched))
      if (isOver() || state === undefined) return 'not ours'
      const first = fetched.entries[0]
      if (first !== undefined && Number(first.at.offset) < state.next) return 'backwards'
      for (const entry of fetched.entries) {
        state.waiting.push({ offset: Number(entry.at.offset), entry })
        state.bytes += bytesOf(entry)
        state.next = Number(entry.at.offset) + 1
      }
      if (fetched.last >= state.next) {
        state.waiting.push({ offset: fetched.last, entry: undefined })
        state.next = fetched.last + 1
      }
      if (state.waiting.length > 0) line.add(state)
      pump()
      if (!isOver()) weigh(state)
      return 'taken'
    },
    pump,
    moved: () =>
      [...states.values()].flatMap(({ place, hand, committed }) => {
        const mark = hand.mark()
        return mark !== undefined && mark > committed ? [{ ...place, offset: mark }] : []
      }),
    committed: (offsets) => {
      for (const place of offsets) {
        const state = states.get(keyOf(place))
        if (state !== undefined) state.committed = place.offset
      }
    },
    end,
  }
}

const keyOf = ({ topic, partition }: Place) => `${topic}/${partition}`
const bytesOf = ({ value, key }: Kept) => value.byteLength + key.length + ENTRY_BYTES

function newState(place: Place) {
  return { place, hand: makeInHand(), waiting: [], front: 0, bytes: 0, isHeld: false }
}

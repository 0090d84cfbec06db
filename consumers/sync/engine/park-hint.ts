import type { Parked } from '../../../state/parked.ts'
import { waitAfterMs } from '../../../sdk/retry-policy.ts'
import { foldHints, type Hint } from '../hint.ts'
import type { Queued } from './hint-queue.ts'

export type Parking = {
  readonly cause: string
  readonly reason: string
  /** Epoch ms; by default after a wait that grows with the attempts. */
  readonly due?: number
}

/** The row in which a hint waits: its record failed, and holds back only itself. */
export function toParked(queued: Queued, parking: Parking, now: number): Parked {
  const attempts = (queued.parked?.attempts ?? 0) + 1
  return {
    record: queued.ref,
    kind: queued.hint.kind,
    reason: parking.reason,
    cause: parking.cause,
    attempts,
    since: now,
    due: parking.due ?? now + waitAfterMs(attempts),
    revision: queued.parked?.revision ?? 0,
    hint: JSON.stringify(queued.hint),
  }
}

/** What is still wanted of a hint is a name; what it said is kept as far as it may matter. */
const mostEvents = 50

/** A later hint of a parked record waits with it; it is a reason to try soon. */
export function joinParked(parked: Parked, hint: Hint, now: number): Parked {
  const folded = foldHints(readParkedHint(parked), hint)
  const isWorthATry = parked.cause === 'record' || parked.cause === 'unseen'
  return {
    ...parked,
    due: isWorthATry ? Math.min(parked.due, now) : parked.due,
    hint: JSON.stringify({ ...folded, events: folded.events.slice(-mostEvents) }),
  }
}

export function readParkedHint({ hint }: Pick<Parked, 'hint'>): Hint {
  // The column holds only what `toParked` and `joinParked` printed.
  return JSON.parse(hint) as Hint
}

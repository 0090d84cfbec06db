import type { RecordRef } from '../../../schemas/record-ref.ts'
import type { ParkedLeases } from '../../../state/parked-leases.ts'
import { refOfHint } from '../hint.ts'
import type { Kind } from '../kinds/kind.ts'
import type { HintQueue } from './hint-queue.ts'
import { readParkedHint } from './park-hint.ts'

type Deps = {
  readonly kinds: readonly Kind[]
  readonly queue: Pick<HintQueue, 'add' | 'isKnown' | 'parkedRefs' | 'waitingCount' | 'inHandCount'>
  readonly leases: ParkedLeases
  /** How many parked rows this process has at once: the others' share is as large. */
  readonly most: number
  readonly now: () => number
}

export type TakeParked = {
  /** Puts rows whose time has come into the queue, and keeps those that are there for this process. */
  readonly take: () => Promise<void>
  /** Lets go of every row, when this process ends. */
  readonly free: () => Promise<void>
}

/** Parked hints whose time has come, each for one process at a time (product 5.3). */
export function makeTakeParked({ kinds, queue, leases, most, now }: Deps): TakeParked {
  const names = kinds.map(({ name }) => name)
  const owners = new Map<RecordRef, AbortController>()

  async function renew(): Promise<number> {
    const ours = queue.parkedRefs()
    for (const ref of owners.keys()) if (!ours.includes(ref)) owners.delete(ref)
    const lost = await leases.renew(ours)
    for (const ref of lost) owners.get(ref)?.abort()
    return ours.length - lost.length
  }

  function own(ref: RecordRef): AbortSignal {
    const owner = new AbortController()
    owners.set(ref, owner)
    return owner.signal
  }

  return {
    async take() {
      const room = most - (await renew())
      if (room <= 0) return
      // What is known here is not taken beside itself: it waits until its record is out of hand.
      const limit = room + queue.waitingCount() + queue.inHandCount()
      const due = await leases.due({ kinds: names, limit })
      const records = due.filter((record) => !queue.isKnown(record)).slice(0, room)
      for (const row of await leases.claim(records)) {
        const hint = readParkedHint(row)
        const ref = refOfHint(hint, kinds)
        const { revision, attempts, cause } = row
        queue.add({
          ref,
          hint,
          keys: [],
          readyAt: now(),
          isIdle: false,
          claims: [],
          parked: { revision, attempts, cause, owned: own(ref) },
          told: [],
        })
      }
    },
    free: () => leases.free(),
  }
}

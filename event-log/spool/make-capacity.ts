import type { Room } from './spool.ts'

/** Left on the disk for everybody else, and for what the log's own bookkeeping takes. */
const RESERVE_BYTES = 64 * 1024 * 1024
const MEASURE_EVERY_MS = 1_000
/** One delivery at its largest must still find room, or the spool counts as full. */
const LARGEST_BYTES = 2 * 1024 * 1024

type Deps = {
  readonly capacityBytes: number
  /** What more the disk would take, pages of ours that nothing fills included. */
  readonly measureFree: () => Promise<number>
  readonly heldBytes: () => number
  readonly now: () => number
}

/** How much may be held: the limit, or what the disk has where that is less. */
export async function openCapacity({ capacityBytes, measureFree, heldBytes, now }: Deps) {
  let capacity = capacityBytes
  let measuredAt = -Infinity
  const measure = async () => {
    measuredAt = now()
    const free = Math.max(0, (await measureFree()) - RESERVE_BYTES)
    capacity = Math.min(capacityBytes, heldBytes() + free)
  }
  await measure()
  const ratio = () => (capacity === 0 ? 1 : Math.min(1, heldBytes() / capacity))

  return {
    /** Beside what is held; the measure is seconds old at most, and never waited for. */
    hasRoomFor: (bytes: number): boolean => {
      const age = now() - measuredAt
      // A disk that cannot be measured refuses the entries itself.
      if (age < 0 || age >= MEASURE_EVERY_MS) void measure().catch(() => undefined)
      return heldBytes() + bytes <= capacity
    },
    full: (): string =>
      `The spool is full: ${heldBytes()} bytes wait for the event log, and it may hold ${capacity}. Bring the log back, or make room on the disk.`,
    fullRatio: async (): Promise<number> => {
      await measure()
      return ratio()
    },
    room: async (): Promise<Room> => {
      await measure()
      const largest = Math.min(LARGEST_BYTES, capacity / 20)
      const isFull = capacity === 0 || heldBytes() + largest > capacity
      if (!isFull) return { ok: true }
      return {
        ok: false,
        why: `The spool is full: ${heldBytes()} bytes wait for the event log, and it may hold ${capacity}.`,
      }
    },
  }
}

export type Capacity = Awaited<ReturnType<typeof openCapacity>>

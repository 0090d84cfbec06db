/** So many within `gatherMs` are a burst; 100 a second, which people do not type. */
const burst = 20

/** The longest that a hint waits for a fuller batch: a fifth of what promise 5 of the product allows. */
export const gatherMs = 200

type Ready = {
  readonly count: number
  /** Since when the oldest of them is ready, epoch ms. */
  readonly since: number
}

/** In a burst a batch waits until it is full, though not for long; a lone hint never waits. */
export function makeGathering({ now, fullBatch }: { now: () => number; fullBatch: number }) {
  let last = { at: Number.NEGATIVE_INFINITY, count: 0 }

  return {
    taken(count: number): void {
      last = { at: now(), count }
    },
    mustWait({ count, since }: Ready): boolean {
      const recent = now() - last.at < gatherMs ? last.count : 0
      return count < fullBatch && recent + count >= burst && now() - since < gatherMs
    },
  }
}

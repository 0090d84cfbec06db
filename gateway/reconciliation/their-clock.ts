type Deps = {
  /** Ours, in ms; goes on evenly whatever is done to the system's clock. */
  readonly elapsedMs: () => number
  /** What the Date headers make of their clock, epoch ms. Only ever a limit. */
  readonly theirNow: () => number
}

/** What is known of a system's clock from the times that it gave its records. */
export type TheirClock = {
  /**
   * They answered with these times of records (epoch seconds): their clock has reached each of them.
   * The latest that can be believed; -Infinity without one.
   */
  readonly saw: (seconds: readonly number[]) => number
  /** Epoch seconds that their clock has reached by now, for certain; -Infinity before it gave any. */
  readonly reached: () => number
}

/** Date headers may come from another machine than the times of records. */
const toleranceMs = 15 * 60_000

/** How far the last time that they gave is carried on: a clock that is set back then costs minutes, not days. */
const carriedSeconds = 120

/** Never asks what time it is there: only times that they gave count, and how long ago they gave them. */
export function makeTheirClock({ elapsedMs, theirNow }: Deps): TheirClock {
  let last = { seconds: Number.NEGATIVE_INFINITY, atMs: 0 }

  return {
    saw(times) {
      // A record of next year must not make us skip this one.
      const credible = (theirNow() + toleranceMs) / 1000
      const seconds = Math.max(...times.filter((time) => time <= credible))
      if (seconds > last.seconds) last = { seconds, atMs: elapsedMs() }
      return seconds
    },
    reached: () =>
      last.seconds + Math.min(carriedSeconds, Math.floor((elapsedMs() - last.atMs) / 1000)),
  }
}

/** A change may become visible a little after the time that it bears (workbooks-api 3.4). */
export const overlapSeconds = 60

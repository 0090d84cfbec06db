/** More flags than this with one cause within a minute look like a set-up fault (rulebook 10). */
const mostFlags = 50
const windowMs = 60_000

type Deps = {
  /** Notes a flag at `at`, and answers how many there were since, in all processes. */
  readonly count: (flag: {
    readonly kind: string
    readonly cause: string
    readonly at: number
    readonly since: number
  }) => Promise<number>
  readonly now: () => number
}

/** Watches flags by kind and cause; answers whether one more is one too many. */
export function makeFlagFlood({ count, now }: Deps) {
  return async (kind: string, reason: string): Promise<boolean> => {
    // Sentences of one cause differ in the numbers that they quote.
    const cause = reason.replace(/\d+/g, '#').slice(0, 80)
    const at = now()
    return (await count({ kind, cause, at, since: at - windowMs })) > mostFlags
  }
}

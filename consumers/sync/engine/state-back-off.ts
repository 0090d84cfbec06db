/** What all hints of this process know together of a state that is away. */
export type StateBackOff = {
  readonly failed: () => void
  readonly succeeded: () => void
  /** Epoch ms from which one hint may try again; undefined while the state is there. */
  readonly until: () => number | undefined
}

const firstMs = 1_000
const longestMs = 10_000

/**
 * A hint that fails because the state is away has read both systems in vain, and would again: so all
 * wait together, 1 s, 2, 4, 8, then every 10 s, until one gets through.
 */
export function makeStateBackOff({ now }: { readonly now: () => number }): StateBackOff {
  let waitMs = firstMs
  let until: number | undefined

  return {
    failed() {
      // Those that were under way together fail together: that is one failure.
      if (until !== undefined && now() < until) return
      until = now() + waitMs
      waitMs = Math.min(waitMs * 2, longestMs)
    },
    succeeded() {
      until = undefined
      waitMs = firstMs
    },
    until: () => until,
  }
}

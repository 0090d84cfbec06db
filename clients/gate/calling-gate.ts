import type { Lane } from '../call.ts'
import type { SystemGate } from '../system-gate.ts'
import type { ToldBudget } from './learnt.ts'

/** The gate as the clients use it: besides letting calls in, it learns what a call met on its way. */
export type CallingGate = SystemGate & {
  /** One more request of a call that has entered already: a hop of a redirect, a repeated read. */
  readonly count: (lane: Lane) => void
  /**
   * Everyone else waits while a call in hand obeys a wait; `until` is what we expect, `lapseAt` when
   * it ends by itself. Returns the way to end it.
   */
  readonly hold: (wait: {
    readonly until: number
    readonly lapseAt: number
    readonly why: string
  }) => () => void
  readonly noteBudget: (told: ToldBudget) => void
}

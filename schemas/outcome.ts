import type { System } from './record-ref.ts'

export const outcomeKinds = [
  'created',
  'updated',
  'unchanged',
  'skipped',
  'duplicate',
  'failed',
  'parked',
  'conflict',
  'gone',
] as const

/** One field that both sides had changed: whose value stayed, and the one that was overwritten. */
export type Conflict = {
  readonly field: string
  readonly winner: System
  readonly loser: System
  readonly losingValue: unknown
}

/** What the sync did about a record, and why: enough to explain the decision by itself (product 4). */
export type Outcome = {
  readonly outcome: (typeof outcomeKinds)[number]
  readonly kind: string
  readonly pair: { readonly workbooks: string | null; readonly outreach: string | null }
  /** The side that was written. */
  readonly system: System | null
  /** The mapping's Workbooks names. */
  readonly fields: readonly string[]
  /** A sentence. */
  readonly reason: string | null
  /** There for `skipped`: the condition of rulebook 3, null where none of the five is meant. */
  readonly condition?: 1 | 2 | 3 | 4 | 5 | null
  readonly conflicts?: readonly Conflict[]
  /** ISO 8601, UTC. */
  readonly at: string
  /** The ids of the events that it answers. */
  readonly events: readonly string[]
  /** API calls that were made for it. */
  readonly calls: number
  /** From the source's change to the write; null where nothing was written. */
  readonly delayMs: number | null
}

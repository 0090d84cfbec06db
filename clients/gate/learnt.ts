import type { Lane } from '../call.ts'

/** What a system said about our budget; `until` is when it starts afresh (epoch ms, our clock). */
export type ToldBudget = { readonly left: number; readonly limit: number; readonly until: number }

/** Something that keeps every caller of a system waiting; times are epoch ms. */
export type Wait = { readonly until: number; readonly why: string }

/** A circuit that a process opened by what it met itself; `since` stays while it is probed in vain. */
export type OpenCircuit = Wait & { readonly since: number }

/** What one process learnt of a system, and all the others must know as well (rulebook 12). */
export type Learnt = {
  readonly pause: Wait | null
  readonly circuit: OpenCircuit | null
  /** Only once it runs short: until then every process is told by its own answers. */
  readonly budget: ToldBudget | null
}

/** What the other processes know of a system, and the calls that they made in that hour. */
export type Elsewhere = {
  /** Whole hours since the epoch. */
  readonly hour: number
  readonly callsByLane: Readonly<Record<Lane, number>>
  readonly learnt: readonly Learnt[]
}

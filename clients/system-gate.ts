import type { System } from '../schemas/record-ref.ts'
import type { Call, Lane } from './call.ts'
import type { Elsewhere, Learnt } from './gate/learnt.ts'

export type GateStatus = {
  readonly system: System
  readonly circuit: 'closed' | 'open' | 'half-open'
  /** Epoch ms; null while nothing has to wait. */
  readonly pausedUntil: number | null
  readonly reason: string | null
  readonly callsThisHour: number
  readonly callsByLane: Readonly<Record<Lane, number>>
}

/** How one call went, as the circuit must know it. */
export type CallResult =
  | { readonly kind: 'answered' }
  | { readonly kind: 'no-connection'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'paused'; readonly until: number; readonly why: string }
  /** Nothing learnt about the system: it never left (`wasSent` false: not counted), or we gave up on it. */
  | { readonly kind: 'no-verdict'; readonly wasSent: boolean }

/**
 * The one way to a system: counts calls by lane, bounds how many run at once, makes every worker obey
 * a wait that one of them was told, and opens the circuit (rulebook 10, 12).
 */
export type SystemGate = {
  /**
   * Resolves when the call may leave; the caller then reports how it went, exactly once. Throws
   * `SystemAway` where the system is paused or its circuit is open, so that nobody piles up behind it.
   */
  readonly enter: (call: Call) => Promise<(result: CallResult) => void>
  readonly status: () => GateStatus
  /** Resolves at once while calls may pass, else when they may again (a first probe counts). */
  readonly whenOpen: (signal: AbortSignal) => Promise<void>
  /** What this process itself learnt of the system, for the others to hear. */
  readonly learnt: () => Learnt
  /** Takes in what the others spent and learnt. */
  readonly hear: (elsewhere: Elsewhere) => void
  /** An operator knows better: what the system told us, or others, to wait for stands no more. */
  readonly lift: () => void
  /** Called after every change of circuit or pause; returns the way to stop listening. */
  readonly onChange: (listener: (status: GateStatus) => void) => () => void
}

import type { RecordRef } from '../schemas/record-ref.ts'

/** Which budget a call is counted under; earlier lanes go first (rulebook 12). */
export type Lane = 'live' | 'reconciliation' | 'replay' | 'backfill'

/** Why a call is made: what every client method takes beside its own arguments. */
export type Call = {
  readonly lane: Lane
  /** The record in hand: five failures in a row about different records open the circuit (rulebook 10). */
  readonly about?: RecordRef
  readonly signal?: AbortSignal
}

/** What a read of one id found. `unseen` proves nothing: a lost right hides rows too (rulebook 10). */
export type Found<Record> =
  | { readonly kind: 'here'; readonly record: Record }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unseen' }

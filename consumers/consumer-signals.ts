import type { Outcome } from '../schemas/outcome.ts'

/** The business events of the consumers; `runtime/signals.ts` counts and logs them. */
export type ConsumerSignals = {
  readonly hintsTaken: (facts: { group: string; hints: number }) => void
  readonly outcome: (told: Outcome & { traceparent?: string | undefined }) => void
  readonly parked: (facts: {
    record: string
    kind: string
    cause: string
    attempts: number
    code?: string | undefined
    stack?: string | undefined
  }) => void
  readonly kindPaused: (facts: { kind: string; why: string }) => void
  readonly kindResumed: (facts: { kind: string }) => void
  readonly columnsAbsent: (facts: { kind: string; columns: readonly string[] }) => void
  readonly ownersUnknown: (system: string, why: string) => void
  readonly leftAlone: (facts: { kind: string; what: string; why: string }) => void
  readonly consumerFailed: (facts: { group: string; error: unknown }) => void
  readonly logAway: (error: unknown) => void
}

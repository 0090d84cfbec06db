import type { Outcome } from '../../../schemas/outcome.ts'
import type { Work } from './work.ts'

type Told = Pick<Outcome, 'outcome'> & {
  readonly workbooks?: string | null | undefined
  readonly outreach?: string | null | undefined
} & Partial<Pick<Outcome, 'system' | 'fields' | 'reason' | 'condition' | 'conflicts'>>

/** What was done about a hint, in the words of product 4. */
export function toOutcome(
  { kind, hint, calls }: Pick<Work, 'kind' | 'hint' | 'calls'>,
  told: Told,
  nowMs: number,
): Outcome {
  const isWritten = told.system !== undefined && told.system !== null
  const own = { [hint.side]: hint.id }
  const changedAt = Math.min(...hint.events.map((event) => event.changedAt))
  return {
    outcome: told.outcome,
    kind: kind.name,
    pair: {
      workbooks: told.workbooks ?? own['workbooks'] ?? null,
      outreach: told.outreach ?? own['outreach'] ?? null,
    },
    system: told.system ?? null,
    fields: told.fields ?? [],
    reason: told.reason ?? null,
    ...(told.outcome === 'skipped' ? { condition: told.condition ?? null } : {}),
    ...(told.conflicts === undefined ? {} : { conflicts: told.conflicts }),
    at: new Date(nowMs).toISOString(),
    events: hint.events.map((event) => event.id),
    calls: calls.count,
    delayMs: isWritten && Number.isFinite(changedAt) ? Math.max(0, nowMs - changedAt) : null,
  }
}

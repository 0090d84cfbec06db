import type { Outcome } from '../../../schemas/outcome.ts'
import type { Hint } from '../hint.ts'
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
  const { outcome, system = null, fields = [], reason = null, condition = null } = told
  return {
    outcome,
    kind: kind.name,
    pair: toPair(hint, told),
    system,
    fields,
    reason,
    ...(outcome === 'skipped' ? { condition } : {}),
    ...(told.conflicts === undefined ? {} : { conflicts: told.conflicts }),
    at: new Date(nowMs).toISOString(),
    events: hint.events.map((event) => event.id),
    calls: calls.count,
    delayMs: system === null ? null : toDelay(hint, nowMs),
  }
}

function toPair({ side, id, part }: Hint, { workbooks, outreach }: Told): Outcome['pair'] {
  // A row is no record of a pair.
  if (part !== undefined) return { workbooks: null, outreach: null }
  return {
    workbooks: workbooks ?? (side === 'workbooks' ? id : null),
    outreach: outreach ?? (side === 'outreach' ? id : null),
  }
}

/** From the first of the changes that it answers; a sender's clock may be ahead of ours. */
function toDelay({ events }: Hint, nowMs: number): number | null {
  const known = events.map((event) => event.changedAt).filter((at) => at > 0)
  const changedAt = Math.min(...known)
  return Number.isFinite(changedAt) ? Math.max(0, nowMs - changedAt) : null
}

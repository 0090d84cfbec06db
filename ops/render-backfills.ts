import type { BackfillStatus } from './to-backfill-status.ts'
import { renderAge, renderColumns } from './render-columns.ts'

const brings = {
  linked: 'pairs linked before',
  unlinked: 'old records',
} as const satisfies Record<BackfillStatus['of'], string>

/** A line for each; empty where there is none. */
export function renderBackfills(backfills: readonly BackfillStatus[]): string {
  const rows = backfills.map((each) => [
    each.id,
    each.kind,
    brings[each.of],
    each.state,
    each.records === null ? String(each.done) : `${each.done} of ${each.records}`,
    each.calls === null ? '-' : `about ${each.calls}`,
    renderAge(each.secondsLeft),
  ])
  return renderColumns(['backfill', 'kind', 'of', 'is', 'records', 'calls', 'left'], rows)
}

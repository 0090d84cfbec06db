import type { Outcome } from '../../../schemas/outcome.ts'
import { removeFlagged, writeFlagged } from '../../../state/flagged.ts'
import { writeOutcome } from '../../../state/outcomes.ts'
import type { Statement } from '../../../state/state-store.ts'
import { writeHandled } from '../../../state/versions.ts'
import { refOfHint } from '../hint.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { mustHold, type SyncDeps, type ToldOutcome, type Work } from './work.ts'

type Deps = Pick<SyncDeps, 'store' | 'newOutcomeId' | 'now'>

/**
 * Remembers what was done and why, and of which versions, in one transaction: what is explained has
 * happened. A hint that is broken off afterwards comes again, whatever stands here as handled.
 */
export async function settle(
  deps: Deps,
  work: Work,
  what: {
    readonly outcomes: readonly Outcome[]
    readonly statements?: readonly Statement[]
  },
): Promise<void> {
  mustHold(work)
  const told = what.outcomes.map((outcome) => ({
    id: deps.newOutcomeId(Date.parse(outcome.at)),
    outcome,
  }))
  const versions = work.versions.unkept()
  await deps.store.write([
    ...(what.statements ?? []),
    ...told.flatMap((one) => keepOutcome(work, one)),
    ...(work.keepsFlags === true
      ? []
      : told.flatMap(({ outcome }) => noteFlag(work.kind, outcome))),
    ...writeHandled(versions, deps.now()),
  ])
  work.versions.kept(versions)
  work.told.push(...told)
}

/** Which records stand flagged, for `ops status`: from the failure on, until one goes through again. */
function noteFlag({ name }: Work['kind'], { outcome, pair }: Outcome): readonly Statement[] {
  if (pair.workbooks === null) return []
  if (outcome === 'failed') return [writeFlagged(name, pair.workbooks)]
  return outcome === 'skipped' ? [] : [removeFlagged(name, pair.workbooks)]
}

/** The statements that keep an outcome, found from either record of its pair. */
export function keepOutcome(
  { kind, hint }: Pick<Work, 'kind' | 'hint'>,
  { id, outcome }: ToldOutcome,
): readonly Statement[] {
  const { workbooks, outreach } = outcome.pair
  return writeOutcome({
    id,
    record: refOfHint(hint, [kind]),
    at: Date.parse(outcome.at),
    records: [
      ...(workbooks === null ? [] : [workbooksRef(kind, workbooks)]),
      ...(outreach === null ? [] : [outreachRef(kind, outreach)]),
    ],
    body: JSON.stringify(outcome),
  })
}

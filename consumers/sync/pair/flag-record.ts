import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Outcome } from '../../../schemas/outcome.ts'
import type { Statement } from '../../../state/state-store.ts'
import { mayTakePart } from './may-take-part.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { mustHold, settled, type Step, type SyncDeps, type Work } from './work.ts'

export type Flagging = {
  readonly record: WorkbooksRecord
  readonly told: Omit<Parameters<typeof toOutcome>[1], 'outcome'> & { readonly reason: string }
  readonly statements?: readonly Statement[]
}

// A text column of Workbooks (workbooks-api 11).
const messageLength = 255

/** Outreach Sync Error = TRUE, with the reason: excluded until a person resets it (rulebook 10). */
export function flagError(deps: SyncDeps, work: Work, flagging: Flagging): Promise<Step> {
  const { outreachSyncError, outreachErrorMessage } = work.kind.columns
  const columns = {
    [outreachSyncError]: true,
    ...(outreachErrorMessage === null
      ? {}
      : { [outreachErrorMessage]: cut(flagging.told.reason, messageLength) }),
  }
  return flag(deps, work, { ...flagging, columns, outcome: 'failed' })
}

/** Whole code points: half of a surrogate pair is no text. */
function cut(text: string, length: number): string {
  return Array.from(text).slice(0, length).join('')
}

/** Outreach Duplicate = TRUE: excluded until a person resolves it (rulebook 4). */
export function flagDuplicate(deps: SyncDeps, work: Work, flagging: Flagging): Promise<Step> {
  const { outreachDuplicate } = work.kind.columns
  const columns = outreachDuplicate === null ? {} : { [outreachDuplicate]: true }
  return flag(deps, work, { ...flagging, columns, outcome: 'duplicate' })
}

type Flagged = Flagging & {
  readonly columns: Readonly<Record<string, unknown>>
  readonly outcome: Outcome['outcome']
}

/** The flag is part of the unit of work: without it the hint is not handled (rulebook 10). */
async function flag(deps: SyncDeps, work: Work, flagged: Flagged): Promise<Step> {
  const { record, columns, told, outcome, statements } = flagged
  if (Object.keys(columns).length > 0) {
    mustHold(work)
    work.calls.count += 1
    const answer = await work.records.writeWorkbooks(
      { kind: 'update', id: record.id, lockVersion: record.lockVersion, columns },
      work.call,
    )
    if (answer.kind === 'refused') {
      return {
        kind: 'park',
        cause: 'record',
        reason: `Workbooks refused the flag that says why: ${answer.message} (${told.reason})`,
      }
    }
    if (answer.kind !== 'written') return { kind: 'again', why: `the flag met "${answer.kind}"` }
  }
  await settle(deps, work, {
    outcomes: [toOutcome(work, { outcome, workbooks: record.id, ...told }, deps.now())],
    ...(statements === undefined ? {} : { statements }),
  })
  return settled
}

/** The outcome of a record that fails a condition; nothing is written to either system (rulebook 3). */
export async function skipIneligible(
  deps: SyncDeps,
  work: Work,
  what: {
    readonly record: WorkbooksRecord
    readonly outreach?: string
    readonly statements?: readonly Statement[]
  },
): Promise<Step | undefined> {
  const eligibility = mayTakePart(work, what.record)
  if (eligibility.kind === 'eligible') return undefined
  const { condition, why: reason } = eligibility
  const pair = { workbooks: what.record.id, outreach: what.outreach }
  await settle(deps, work, {
    outcomes: [toOutcome(work, { outcome: 'skipped', condition, reason, ...pair }, deps.now())],
    ...(what.statements === undefined ? {} : { statements: what.statements }),
  })
  return settled
}

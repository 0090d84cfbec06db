import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { writePair, type Pair } from '../../../state/pairs.ts'
import { toText } from '../fields/record-values.ts'
import { applyMerge } from './apply-merge.ts'
import { claimRecords } from './claim-records.ts'
import { closePair } from './close-pair.ts'
import { flagDuplicate, skipIneligible } from './flag-record.ts'
import { fromWorkbooks } from './from-workbooks.ts'
import { settle } from './settle.ts'
import { proveGone, waitForProof } from './sync-linked.ts'
import { toOutcome } from './to-outcome.ts'
import { mustHold, settled, type BothFound, type Step, type SyncDeps, type Work } from './work.ts'

/** A closed pair: opened again when both records can be seen, never re-created (rulebook 11). */
export async function syncClosed(
  deps: SyncDeps,
  work: Work,
  { pair, w, o }: BothFound & { readonly pair: Pair },
): Promise<Step> {
  if (w.kind === 'here' && isUnlinked(work, w.record, pair)) {
    mustHold(work)
    await deps.store.write([writePair({ ...pair, status: 'forgotten' }, deps.now())])
    if (work.hint.side === 'outreach') return { kind: 'again', why: 'a person unlinked it' }
    return fromWorkbooks(deps, work, w)
  }
  const gone = proveGone({ w, o })
  if (gone === 'unproven') return waitForProof({ w, o })
  if (gone !== undefined) return staysClosed(deps, work, { pair, w, o, gone })
  if (w.kind !== 'here' || o.kind !== 'here') return waitForProof({ w, o })
  return openAgain(deps, work, { pair, w: w.record, o: o.record })
}

/** A person cleared the Outreach Id, or put another one there: this record starts afresh. */
function isUnlinked({ kind }: Work, { columns, isDeleted }: WorkbooksRecord, pair: Pair): boolean {
  if (isDeleted || !(kind.columns.outreachId in columns)) return false
  const outreachId = toText(columns[kind.columns.outreachId])
  return outreachId !== pair.outreachId && (outreachId !== undefined || pair.idSeen)
}

function staysClosed(
  deps: SyncDeps,
  work: Work,
  closed: BothFound & { readonly pair: Pair; readonly gone: 'workbooks' | 'outreach' },
): Promise<Step> {
  const { pair, gone } = closed
  // The proof that a delete needs may come after the hint that closed the pair.
  if (pair.closedWhy === `${gone} gone` && work.kind.policy.onDelete === 'delete') {
    return closePair(deps, work, closed)
  }
  const reason = `The pair is closed: the ${gone === 'outreach' ? 'Outreach' : 'Workbooks'} record is gone, and nothing is made again.`
  return tell(deps, work, { outcome: 'gone', pair, reason })
}

async function tell(
  deps: SyncDeps,
  work: Work,
  {
    pair,
    ...told
  }: { readonly outcome: 'gone' | 'skipped'; readonly reason: string; readonly pair: Pair },
): Promise<Step> {
  const ids = { workbooks: pair.workbooksId, outreach: pair.outreachId }
  await settle(deps, work, { outcomes: [toOutcome(work, { ...told, ...ids }, deps.now())] })
  return settled
}

type Both = {
  readonly pair: Pair
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
}

/** What we deleted ourselves stays closed; else the pair goes on. */
async function openAgain(deps: SyncDeps, work: Work, both: Both): Promise<Step> {
  const { pair } = both
  if (pair.closedWhy !== 'we deleted workbooks' && pair.closedWhy !== 'we deleted outreach') {
    return open(deps, work, both)
  }
  const reason =
    'We deleted its partner after the other side was deleted; it is left alone until a person clears its Outreach Id.'
  return tell(deps, work, { outcome: 'skipped', pair, reason })
}

/** Both records can be seen again; unless one of them found another partner meanwhile, the pair goes on. */
async function open(deps: SyncDeps, work: Work, { pair, w, o }: Both): Promise<Step> {
  const skipped = await skipIneligible(deps, work, { record: w, outreach: o.id })
  if (skipped !== undefined) return skipped
  const claim = await claimRecords(deps, work, { w, outreachId: o.id })
  if (claim.kind === 'widen') return claim.step
  if (claim.kind === 'taken') {
    const reason = `${work.kind.name} ${claim.by.workbooksId} is paired with ${work.kind.outreach.type} ${claim.by.outreachId} now, and a record has one partner at most.`
    return flagDuplicate(deps, work, { record: w, told: { outreach: o.id, reason } })
  }
  const opened: Pair = { ...pair, status: 'linked', closedWhy: null }
  return applyMerge(deps, work, {
    pair: opened,
    w,
    o,
    statements: claim.statements,
    isNew: true,
    note: 'Both records can be seen again; the pair is open again.',
  })
}

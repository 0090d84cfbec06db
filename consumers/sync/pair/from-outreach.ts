import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { readRecordRef } from '../../../schemas/record-ref.ts'
import { toText } from '../fields/record-values.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { createInWorkbooks } from './create-in-workbooks.ts'
import { findInWorkbooks } from './find-in-workbooks.ts'
import { linkPair } from './link-pair.ts'
import { settle } from './settle.ts'
import { isTrashed } from './is-trashed.ts'
import { toOutcome } from './to-outcome.ts'
import { settled, type OutreachFound, type Step, type SyncDeps, type Work } from './work.ts'

/** An Outreach record without a partner in the state (rulebook 3, 6). */
export async function fromOutreach(
  deps: SyncDeps,
  work: Work,
  found: OutreachFound,
): Promise<Step> {
  if (found.kind === 'unseen') {
    return { kind: 'park', cause: 'unseen', reason: 'Outreach does not show this record to us.' }
  }
  if (found.kind === 'gone' || isTrashed(found.record)) {
    return tellGone(deps, work, 'It was deleted before it was linked.')
  }
  const { record } = found
  const owner = referredId(work, record)
  return owner === undefined
    ? byLooking(deps, work, record)
    : byOurReference(deps, work, { record, workbooksId: owner })
}

/** The Workbooks id in our reference: the echo of our own create, perhaps before the write-back. */
function referredId({ kind }: Work, { attributes }: OutreachRecord): string | undefined {
  const parts = readRecordRef(toText(attributes[kind.reference]) ?? '')
  return parts?.system === 'workbooks' && parts.type === kind.workbooks.type ? parts.id : undefined
}

type Referred = { readonly record: OutreachRecord; readonly workbooksId: string }

async function byOurReference(
  deps: SyncDeps,
  work: Work,
  { record, workbooksId }: Referred,
): Promise<Step> {
  const { kind, records, call } = work
  const key = workbooksRef(kind, workbooksId)
  if (!work.held.has(key)) return { kind: 'widen', keys: [key] }
  work.calls.count += 1
  const [found, pairs] = await Promise.all([
    records.readWorkbooks(workbooksId, call),
    deps.pairs.byRecords(kind.name, 'workbooks', [workbooksId]),
  ])
  if (found.kind === 'unseen') {
    return {
      kind: 'park',
      cause: 'unseen',
      reason: `It carries our reference to ${key}, which Workbooks does not show to us; it is read again later.`,
    }
  }
  if (found.kind === 'gone' || found.record.isDeleted) {
    return tellGone(deps, work, `It was made from ${key}, which is deleted; nothing is made again.`)
  }
  const w = found.record
  const its = toText(w.columns[kind.columns.outreachId])
  const isElsewhere =
    pairs.some(({ status }) => status === 'linked') || (its !== undefined && its !== record.id)
  if (isElsewhere) return byLooking(deps, work, record)
  return linkPair(deps, work, { w, o: record })
}

async function byLooking(deps: SyncDeps, work: Work, record: OutreachRecord): Promise<Step> {
  const found = await findInWorkbooks(deps, work, record)
  if (found.kind === 'candidate') {
    const { w, others, standsUnlessNamed, namedFirst } = found
    const key = workbooksRef(work.kind, w.id)
    if (!work.held.has(key)) return { kind: 'widen', keys: [key] }
    return linkPair(deps, work, { w, o: record, others, standsUnlessNamed, namedFirst })
  }
  return createInWorkbooks(deps, work, record)
}

async function tellGone(deps: SyncDeps, work: Work, reason: string): Promise<Step> {
  await settle(deps, work, {
    outcomes: [
      toOutcome(
        work,
        {
          outcome: 'gone',
          outreach: work.hint.id,
          reason: `${reason} (${outreachRef(work.kind, work.hint.id)})`,
        },
        deps.now(),
      ),
    ],
  })
  return settled
}

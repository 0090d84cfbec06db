import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { writePair, type Pair } from '../../../state/pairs.ts'
import { toText } from '../fields/record-values.ts'
import { outreachRef } from '../kinds/kind.ts'
import { printMemory, readMemory } from '../merge/memory.ts'
import { applyMerge } from './apply-merge.ts'
import { closePair } from './close-pair.ts'
import { crossOptOuts } from './cross-opt-outs.ts'
import { skipIneligible } from './flag-record.ts'
import { fromWorkbooks } from './from-workbooks.ts'
import { withParentsOf } from '../relations/named-parents.ts'
import { isTrashed } from './is-trashed.ts'
import { endPair } from './keep-pair.ts'
import { mayTakePart } from './may-take-part.ts'
import type { Both } from './merge-pair.ts'
import { noteFound } from './note-records.ts'
import { openMerge, tellArrived } from './open-merge.ts'
import { mustHold, type BothFound, type Step, type SyncDeps, type Work } from './work.ts'

/** A pair that is linked: kept in step, closed where a record is gone, forgotten where a person unlinked it. */
export async function syncLinked(
  deps: SyncDeps,
  work: Work,
  { pair, w, o }: BothFound & { readonly pair: Pair },
): Promise<Step> {
  const proof = proveGone({ w, o })
  if (proof === 'unproven') {
    noteFound(work, { w, o })
    return waitForProof({ w, o })
  }
  if (proof !== undefined) return closePair(deps, work, { pair, gone: proof, w, o })
  if (w.kind !== 'here' || o.kind !== 'here') return waitForProof({ w, o })

  const outreachId = toText(w.record.columns[work.kind.columns.outreachId])
  // A column that our user is not shown proves nothing: it is not "cleared".
  const isShown = work.kind.columns.outreachId in w.record.columns
  const isThere = outreachId === pair.outreachId
  if (isShown && !isThere && (pair.idSeen || outreachId !== undefined)) {
    return unlinked(deps, work, { pair, w: w.record, outreachId })
  }
  const seen: Pair = isThere ? { ...pair, idSeen: true } : pair
  const both = { pair: seen, w: w.record, o: o.record }
  if (mayTakePart(work, w.record).kind === 'ineligible') {
    return skipAndRemember(deps, work, both)
  }
  return applyMerge(deps, work, { ...both, hasChanged: seen.idSeen !== pair.idSeen })
}

/**
 * Nothing is written but an opt-out; when each change was first read is remembered, for `latest` may ask
 * later (rulebook 8).
 */
async function skipAndRemember(deps: SyncDeps, asked: Work, met: Both): Promise<Step> {
  const { work, both, merge } = await openMerge(deps, asked, met)
  const { memory, merged } = merge
  // Whom it names is asked for once it takes part again.
  const noted = withParentsOf(readMemory(both.pair.memory), { ...memory, seen: merged.seen })
  const pair = { ...both.pair, memory: printMemory(noted) }
  const statements = [writePair(pair, deps.now())]
  const isTold = await tellArrived(deps, work, { merge, statements })
  const crossed = await crossOptOuts(deps, work, { both: { ...both, pair }, merged })
  if (crossed !== undefined && crossed.kind !== 'settled') return crossed
  const skipped = await skipIneligible(deps, work, {
    record: both.w,
    outreach: both.pair.outreachId,
    statements: crossed === undefined && !isTold ? statements : [],
  })
  return skipped ?? { kind: 'again', why: 'it became eligible' }
}

/** Which record is provably gone; merely not being in a list is no proof (rulebook 10). */
export function proveGone({ w, o }: BothFound): 'workbooks' | 'outreach' | 'unproven' | undefined {
  if (w.kind === 'gone' || (w.kind === 'here' && w.record.isDeleted)) return 'workbooks'
  if (o.kind === 'gone' || (o.kind === 'here' && isTrashed(o.record))) return 'outreach'
  return w.kind === 'unseen' || o.kind === 'unseen' ? 'unproven' : undefined
}

export function waitForProof({ w }: BothFound): Step {
  const system = w.kind === 'unseen' ? 'Workbooks' : 'Outreach'
  return {
    kind: 'park',
    cause: 'unseen',
    reason: `${system} does not show its record to our user: it may be deleted, or hidden from us. It is read again later.`,
  }
}

/** A person cleared the Outreach Id, or put another one there: the pair is forgotten (rulebook 4). */
async function unlinked(
  deps: SyncDeps,
  work: Work,
  {
    pair,
    w,
    outreachId,
  }: {
    readonly pair: Pair
    readonly w: WorkbooksRecord
    readonly outreachId: string | undefined
  },
): Promise<Step> {
  const key = outreachId === undefined ? undefined : outreachRef(work.kind, outreachId)
  if (key !== undefined && !work.held.has(key)) return { kind: 'widen', keys: [key] }
  mustHold(work)
  await deps.store.write(endPair(work.kind, { ...pair, status: 'forgotten' }, deps.now()))
  // A hint about the former partner is about a record without one now: it is looked at afresh.
  if (work.hint.side === 'outreach') return { kind: 'again', why: 'a person unlinked it' }
  return fromWorkbooks(deps, work, { kind: 'here', record: w })
}

import type { WorkbooksAnswer } from '../../../clients/workbooks/workbooks-client.ts'
import { reserveDeletion } from '../../../state/deletions.ts'
import type { ClosedWhy, Pair } from '../../../state/pairs.ts'
import { writePause } from '../../../state/pauses.ts'
import { endPair } from './keep-pair.ts'
import { settle } from './settle.ts'
import { isTrashed } from './is-trashed.ts'
import { mayTakePart } from './may-take-part.ts'
import { noteFound } from './note-records.ts'
import { toOutcome } from './to-outcome.ts'
import { mustHold, settled, type BothFound, type Step, type SyncDeps, type Work } from './work.ts'

type Gone = 'workbooks' | 'outreach'

/** More deletes than this in a minute stop, and wait for a person (rulebook 11). */
const brakeAt = 20
const brakeMs = 60_000

/** One record is gone: the pair is closed and remembered; nothing is re-created (rulebook 11). */
export async function closePair(
  deps: SyncDeps,
  work: Work,
  { pair, gone, ...found }: BothFound & { readonly pair: Pair; readonly gone: Gone },
): Promise<Step> {
  const partner = gone === 'workbooks' ? 'outreach' : 'workbooks'
  if (pair.status === 'linked') noteFound(work, found)
  if (await mayDelete(deps, work, { pair, gone, found })) {
    // A second try of one delete is no second delete.
    const braked = work.tries === 0 ? await reserveDelete(deps, work) : undefined
    if (braked !== undefined) return braked
    const refused = await deletePartner(deps, work, { pair, partner, found })
    if (refused !== undefined) return refused
    return close(deps, work, { pair, gone, why: `we deleted ${partner}`, system: partner })
  }
  return close(deps, work, { pair, gone, why: `${gone} gone` })
}

type Deleting = { readonly pair: Pair; readonly gone: Gone; readonly found: BothFound }

/** Whether the partner is there, is nobody else's partner by now, and the conditions of rulebook 3 hold. */
async function mayDelete(
  deps: SyncDeps,
  work: Work,
  { pair, gone, found }: Deleting,
): Promise<boolean> {
  const { kind } = work
  const { w, o } = found
  if (kind.policy.onDelete !== 'delete' || !isProof(work, gone, found)) return false
  if (w.kind !== 'here' || mayTakePart(work, w.record).kind === 'ineligible') return false
  const isThere =
    gone === 'workbooks' ? o.kind === 'here' && !isTrashed(o.record) : !w.record.isDeleted
  if (!isThere) return false
  const [side, id] =
    gone === 'workbooks'
      ? (['outreach', pair.outreachId] as const)
      : (['workbooks', pair.workbooksId] as const)
  const others = await deps.pairs.byRecords(kind.name, side, [id])
  return !others.some(
    ({ status, workbooksId, outreachId }) =>
      status === 'linked' && (workbooksId !== pair.workbooksId || outreachId !== pair.outreachId),
  )
}

/** Deletes act on `is_deleted`, `trashedAt` or a `destroyed` event, never on a 404 alone. */
function isProof({ hint }: Work, gone: Gone, { w, o }: BothFound): boolean {
  if (gone === 'workbooks') return w.kind === 'here' && w.record.isDeleted
  if (o.kind === 'here' && isTrashed(o.record)) return true
  return (
    hint.side === 'outreach' &&
    hint.events.some(({ action, changed }) => action === 'destroyed' || isSet(changed['trashedAt']))
  )
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

/** Counted before it is done: a bulk delete comes as one batch, and in many processes at once. */
async function reserveDelete({ store, now }: SyncDeps, { kind }: Work): Promise<Step | undefined> {
  const at = now()
  const reserved = await store.write(
    reserveDeletion({ kind: kind.name, at, most: brakeAt, since: at - brakeMs }),
  )
  if (reserved.at(-1)?.changes === 1) return undefined
  const reason = `More than ${brakeAt} deletes in a minute: further ones wait until somebody says "ops resume ${kind.name}".`
  const pause = { what: `deletes:${kind.name}`, cause: 'brake', reason, since: at }
  await store.write([writePause(pause)])
  return { kind: 'park', cause: 'delete-brake', reason }
}

async function deletePartner(
  deps: SyncDeps,
  work: Work,
  {
    pair,
    partner,
    found,
  }: { readonly pair: Pair; readonly partner: Gone; readonly found: BothFound },
): Promise<Step | undefined> {
  mustHold(work)
  if (partner === 'outreach') {
    if (found.o.kind !== 'here') return undefined
    work.calls.count += 1
    await deps.outreach.remove({ type: work.kind.outreach.type, id: pair.outreachId }, work.call)
    return undefined
  }
  if (found.w.kind !== 'here' || found.w.record.isDeleted) return undefined
  work.calls.count += 1
  const { id, lockVersion } = found.w.record
  const answer = await work.records.writeWorkbooks({ kind: 'delete', id, lockVersion }, work.call)
  return afterDelete(answer)
}

function afterDelete(answer: WorkbooksAnswer): Step | undefined {
  switch (answer.kind) {
    case 'written':
      return undefined
    case 'refused':
      return { kind: 'park', cause: 'record', reason: answer.message }
    case 'stale':
    case 'unseen':
    case 'unanswered':
      return { kind: 'again', why: `a delete was answered "${answer.kind}"` }
    default:
      return answer satisfies never
  }
}

async function close(
  deps: SyncDeps,
  work: Work,
  {
    pair,
    gone,
    why,
    system,
  }: {
    readonly pair: Pair
    readonly gone: Gone
    readonly why: ClosedWhy
    readonly system?: Gone
  },
): Promise<Step> {
  const ids = { workbooks: pair.workbooksId, outreach: pair.outreachId }
  const sentence = `The ${gone === 'workbooks' ? 'Workbooks' : 'Outreach'} record is gone; the pair is closed`
  const reason = system === undefined ? `${sentence}.` : `${sentence}, and its partner was deleted.`
  await settle(deps, work, {
    outcomes: [
      toOutcome(work, { outcome: 'gone', ...ids, system: system ?? null, reason }, deps.now()),
    ],
    statements: endPair(work.kind, { ...pair, status: 'closed', closedWhy: why }, deps.now()),
  })
  return settled
}

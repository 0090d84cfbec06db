import { RecordGone, TooLate, UnknownAnswer } from '../../../clients/errors.ts'
import type { Pair } from '../../../state/pairs.ts'
import type { Records } from '../batching/make-records.ts'
import { classifyHint } from '../engine/classify-hint.ts'
import { laneOfHint, refOfHint, type Hint } from '../hint.ts'
import { keysOf, type Kind } from '../kinds/kind.ts'
import { fromOutreach } from './from-outreach.ts'
import { fromWorkbooks } from './from-workbooks.ts'
import { isAsAgreed } from './is-as-agreed.ts'
import { notingRecords } from './note-records.ts'
import type { NotedVersions } from './noted-versions.ts'
import { settle } from './settle.ts'
import { syncClosed } from './sync-closed.ts'
import { syncLinked } from './sync-linked.ts'
import { syncRow } from './sync-row.ts'
import { toOutcome } from './to-outcome.ts'
import {
  mustHold,
  settled,
  type OutreachFound,
  type Step,
  type SyncDeps,
  type ToldOutcome,
  type Work,
} from './work.ts'

/** How a hint ended; errors of the systems are thrown. */
export type Synced = Extract<Step, { kind: 'settled' | 'park' | 'look-again' | 'echo' }>

type Asked = {
  readonly kind: Kind
  readonly hint: Hint
  /** References that are known to belong to it: held from the start. */
  readonly keys: readonly string[]
  readonly hasWaited: boolean
  readonly signal: AbortSignal
  /** Filled with the outcomes that were written on the way, also where an error ends it. */
  readonly told: ToldOutcome[]
  /** Filled with what was read and acted on by the last try. */
  readonly versions: NotedVersions
}

/** Read again, merge again, write again this often; then the record is parked (rulebook 8). */
const mostTries = 5

/** Holding one more record is no try; a pair has two, and each may turn out once. */
const mostWidenings = 6

/** Reads that grew old while the call waited for its turn cost nobody an edit. */
const mostLate = 50

/**
 * The one function of rulebook 2: read both -> eligible? -> (not linked: match, create, write back) ->
 * merge -> write the changed fields of each side -> remember.
 */
export function makeSyncPair(deps: SyncDeps) {
  return async ({
    kind,
    hint: asked,
    keys: known,
    hasWaited,
    signal,
    told,
    versions,
  }: Asked): Promise<Synced> => {
    const calls = { count: 0 }
    const own = refOfHint(asked, [kind])
    let hint = asked
    let keys: readonly string[] = [...new Set([own, ...known])]
    let [tries, widenings, late] = [0, 0, 0]
    let why = ''
    while (tries < mostTries && widenings < mostWidenings && late < mostLate) {
      const step = await deps.store.exclusively(
        keys,
        (held) => {
          const either = AbortSignal.any([signal, held])
          const about = { kind, hint, versions }
          const records = notingRecords(deps.recordsOf(kind), about)
          versions.clear()
          return tryOnce(deps, {
            ...about,
            tries,
            hasWaited: hasWaited || tries + late > 0,
            records: recordsFor(records, tries),
            call: { lane: laneOfHint(hint), about: own, signal: either },
            held: new Set(keys),
            signal: either,
            calls,
            told,
          })
        },
        signal,
      )
      if (step.kind === 'widen') {
        hint = step.hint ?? hint
        keys = [...new Set([...keys, ...step.keys])]
        widenings += 1
      } else if (step.kind === 'again') {
        why = step.why
        if (step.isLate === true) late += 1
        else tries += 1
      } else {
        return step
      }
    }
    const reason = `It could not be settled in ${mostTries} tries (${why}); it is tried again later.`
    return { kind: 'park', cause: 'record', reason }
  }
}

/** A row that failed in company is written alone: one that poisons its batch must not fail the others again. */
function recordsFor(records: Records, tries: number): Records {
  return tries === 0 ? records : { ...records, writeWorkbooks: records.writeAlone }
}

async function tryOnce(deps: SyncDeps, work: Work): Promise<Step> {
  try {
    return await readAndSync(deps, work)
  } catch (error) {
    // A call that was broken off says nothing of the record.
    mustHold(work)
    const isWorthATry =
      error instanceof TooLate || error instanceof UnknownAnswer || error instanceof RecordGone
    if (!isWorthATry) throw error
    return { kind: 'again', why: error.message, isLate: error instanceof TooLate }
  }
}

async function readAndSync(deps: SyncDeps, work: Work): Promise<Step> {
  const { kind, hint, records, call, calls } = work
  if (hint.part !== undefined) return syncRow(deps, work)
  const known = await deps.pairs.byRecords(kind.name, hint.side, [hint.id])
  const pair =
    known.find(({ status }) => status === 'linked') ??
    known.find(({ status }) => status === 'closed')
  if (pair === undefined) {
    calls.count += 1
    return hint.side === 'workbooks'
      ? fromWorkbooks(deps, work, await records.readWorkbooks(hint.id, call))
      : fromOutreach(deps, work, await records.readOutreach(hint.id, call))
  }
  const missing = keysOf(kind, pair).filter((key) => !work.held.has(key))
  if (missing.length > 0) return { kind: 'widen', keys: missing }
  return syncKnown(deps, work, pair)
}

async function syncKnown(deps: SyncDeps, work: Work, pair: Pair): Promise<Step> {
  const { kind, hint, records, call, calls } = work
  // An echo may come before our own call has returned; only now can it be told from an edit.
  const isIdle = pair.status === 'linked' && classifyHint(kind, hint, pair) === 'idle'
  if (isIdle && !work.hasWaited) return { kind: 'echo' }
  const seen = isIdle && hint.side === 'outreach' ? await readIdly(work, pair) : undefined
  if (seen?.kind === 'here' && isAsAgreed(work, pair, seen.record)) {
    return tellIdle(deps, work, pair)
  }
  calls.count += seen === undefined ? 2 : 1
  const [w, o] = await Promise.all([
    records.readWorkbooks(pair.workbooksId, call),
    seen ?? records.readOutreach(pair.outreachId, call),
  ])
  return pair.status === 'linked'
    ? syncLinked(deps, work, { pair, w, o })
    : syncClosed(deps, work, { pair, w, o })
}

/** Once: whatever has to be read again is urgent by then. */
async function readIdly(
  { records, call, calls, tries }: Work,
  { outreachId }: Pair,
): Promise<OutreachFound | undefined> {
  if (tries > 0) return undefined
  calls.count += 1
  return records.readOutreachIdly(outreachId, call)
}

/** Nothing was judged but that nothing changed: what stands flagged stays so. */
async function tellIdle(
  deps: SyncDeps,
  work: Work,
  { workbooksId: workbooks, outreachId: outreach }: Pair,
): Promise<Step> {
  const told = { outcome: 'unchanged', workbooks, outreach, reason: nothingNew } as const
  const outcomes = [toOutcome(work, told, deps.now())]
  await settle(deps, { ...work, keepsFlags: true }, { outcomes })
  return settled
}

const nothingNew = 'Nothing that is mapped had changed in Outreach.'

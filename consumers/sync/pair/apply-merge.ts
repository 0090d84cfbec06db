import type { Outcome } from '../../../schemas/outcome.ts'
import type { System } from '../../../schemas/record-ref.ts'
import type { Statement } from '../../../state/state-store.ts'
import { writeWakeIfMissed } from '../../../state/relations.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { withMembersMet } from '../members/members-memory.ts'
import { mustLookForRows } from '../members/unsure-rows.ts'
import { sameValue } from '../fields/value.ts'
import { readMemory, type PairMemory } from '../merge/memory.ts'
import { lookForParents, requestParents } from './await-parents.ts'
import { flagError } from './flag-record.ts'
import { keepMemory, keepPair } from './keep-pair.ts'
import { toConflictOutcomes, toDone, toUnchanged, toUpdated } from './merge-outcomes.ts'
import { isSameMemory, type Both, type HowMet, type PairMerge } from './merge-pair.ts'
import { afterRefusedLink } from './after-refused-link.ts'
import { openMerge, tellArrived } from './open-merge.ts'
import { settle } from './settle.ts'
import { toEntailed, writeBack } from './write-back.ts'
import { mustHold, settled, type Step, type SyncDeps, type Work } from './work.ts'
import { goesIntoRows, writeMemberRows } from './write-member-rows.ts'
import { writeOutreachFields, writeWorkbooksFields, type Write } from './write-pair-fields.ts'

type Input = Both &
  HowMet & {
    /** Kept together with the pair, e.g. the pair that this one replaces. */
    readonly statements?: readonly Statement[]
    /** The pair's row is not in the state yet. */
    readonly isNew?: boolean
    /** Something beside its memory differs from what the state has. */
    readonly hasChanged?: boolean
    /** Said in the outcome: how the two came together. */
    readonly note?: string
  }

/** Merges a pair and writes the changed fields of each side (rulebook 2, 8). */
export async function applyMerge(deps: SyncDeps, asked: Work, met: Input): Promise<Step> {
  const { work, both: input, merge } = await openMerge(deps, asked, met)
  const { workbooksId, memory: before } = input.pair
  const waiting = { workbooksId, before, parents: merge.parents, after: merge.after }
  await requestParents(deps, work, waiting)
  await keepIfNew(deps, work, input)
  const later = await mustLookForRows(deps, work, { ...merge, send: merge.merged.send })
  if (later !== undefined) return later
  const statements = keep(deps, work, { merge, memory: merge.memory })
  const isTold = await tellArrived(deps, work, { merge, statements })
  const sent = await sendFields(deps, work, merge)
  if (sent.kind === 'gave-up') return sent.step
  const related = await sendRows(deps, work, { merge, sent })
  if (related.kind === 'gave-up') return related.step
  const received = await receiveFields(deps, work, { merge, memory: related.memory })
  if (received.kind === 'gave-up') return received.step
  await keepTheRest(deps, work, {
    ...{ input, merge, outcomes: received.outcomes },
    ...{ isRowKept: isTold || related.isTold, kept: related.kept },
    memory: withMembersMet(received.memory, work.kind.fields),
  })
  return (await lookForParents(deps, work, waiting)) ?? settled
}

async function keepIfNew(deps: SyncDeps, work: Work, input: Input): Promise<void> {
  if (input.isNew !== true) return
  mustHold(work)
  const kept = keepPair(work.kind, { pair: input.pair, before: undefined }, deps.now())
  await deps.store.write([...(input.statements ?? []), ...kept])
  deps.linked()
}

type Rest = {
  readonly input: Input
  readonly merge: PairMerge
  readonly outcomes: readonly Outcome[]
  readonly isRowKept: boolean
  /** What the state has. */
  readonly kept: PairMemory
  readonly memory: PairMemory
}

async function keepTheRest(deps: SyncDeps, work: Work, rest: Rest): Promise<void> {
  const { input, merge, isRowKept, memory } = rest
  const outcomes = [
    ...rest.outcomes,
    // An edit that we had overwritten, and that loses: nothing is written, and it is named.
    ...toConflictOutcomes(deps, work, { merge, of: (name) => !isWritten(merge, name) }),
  ]
  if (outcomes.length === 0 && !isRowKept) {
    outcomes.push(toUnchanged(deps, work, { merge, note: input.note }))
  }
  const woken = toWoken(work, merge, deps.now())
  const isKnown = isSameMemory(rest.kept, memory) && (isRowKept || !mustKeepRow(input))
  const statements = [...(isKnown ? [] : keep(deps, work, { merge, memory })), ...woken]
  if (outcomes.length + statements.length > 0) await settle(deps, work, { outcomes, statements })
  if (woken.length > 0) deps.linked()
}

/** Only Workbooks says whether a record takes part (rulebook 3), and whoever waited for that is to hear it. */
function toWoken({ kind, hint }: Work, { pair }: PairMerge, at: number): readonly Statement[] {
  if (kind.isMember !== true || hint.side !== 'workbooks') return []
  const [workbooks, outreach] = [
    workbooksRef(kind, pair.workbooksId),
    outreachRef(kind, pair.outreachId),
  ]
  return [writeWakeIfMissed({ workbooks, outreach }, at)]
}

function mustKeepRow({ isNew, hasChanged }: Input): boolean {
  return isNew === true || hasChanged === true
}

type Stage =
  | {
      readonly kind: 'done'
      readonly memory: PairMemory
      readonly outcomes: readonly Outcome[]
    }
  | { readonly kind: 'gave-up'; readonly step: Step }

type Sent =
  | Exclude<Stage, { kind: 'done' }>
  | {
      readonly kind: 'done'
      readonly memory: PairMemory
      /** What the state has by now. */
      readonly kept: PairMemory
      readonly isTold: boolean
    }

async function sendFields(deps: SyncDeps, work: Work, all: PairMerge): Promise<Sent> {
  const merge = sending(all, (name) => !goesIntoRows(work, name))
  const { merged } = merge
  if (Object.keys(merged.send).length === 0) {
    // What is still pending is of fields that could not be read.
    const memory = { ...merge.memory, ...known(merge) }
    const kept = merge.arrived === undefined ? readMemory(merge.pair.memory) : merge.memory
    return { kind: 'done', memory, kept, isTold: false }
  }
  const write = await writeOutreachFields(deps, work, merge)
  if (write.kind !== 'written') {
    return { kind: 'gave-up', step: await giveUp(deps, work, { merge, write, system: 'outreach' }) }
  }
  const memory = dropSettled(write.memory)
  const outcomes = [
    ...toConflictOutcomes(deps, work, { merge, of: (name) => name in merged.send }),
    toUpdated(deps, work, { merge, system: 'outreach', names: merged.send }),
  ]
  // At once: a crash before the other write must not swallow what this one decided.
  await settle(deps, work, { outcomes, statements: keep(deps, work, { merge, memory }) })
  return { kind: 'done', memory, kept: memory, isTold: true }
}

/** The same merge, as far as it sends these. */
function sending(merge: PairMerge, isSent: (name: string) => boolean): PairMerge {
  const send = Object.entries(merge.merged.send).filter(([name]) => isSent(name))
  return { ...merge, merged: { ...merge.merged, send: Object.fromEntries(send) } }
}

type Relating = { readonly merge: PairMerge; readonly sent: Extract<Sent, { kind: 'done' }> }

/** People's rows, after the record's own fields: each call's answer settles its part, and its conflict. */
async function sendRows(deps: SyncDeps, work: Work, { merge: all, sent }: Relating): Promise<Sent> {
  const merge = sending(all, (name) => goesIntoRows(work, name))
  const { send } = merge.merged
  if (Object.keys(send).length === 0) return sent
  const write = await writeMemberRows(deps, work, { merge, memory: sent.memory })
  if (write.kind !== 'written') {
    return { kind: 'gave-up', step: await giveUp(deps, work, { merge, write, system: 'outreach' }) }
  }
  const memory = dropSettled(write.memory)
  const outcomes = [toUpdated(deps, work, { merge, system: 'outreach', names: send })]
  await settle(deps, work, { outcomes, statements: keep(deps, work, { merge, memory }) })
  return { kind: 'done', memory, kept: memory, isTold: true }
}

async function receiveFields(
  deps: SyncDeps,
  work: Work,
  { merge, memory }: { readonly merge: PairMerge; readonly memory: PairMemory },
): Promise<Stage> {
  const { merged } = merge
  const entailed = toEntailed(work, merge)
  const extra = { ...writeBack(deps, work, merge), ...entailed }
  const names = { ...merged.receive, ...entailed }
  const isReceiving = Object.keys(names).length > 0
  if (!isReceiving && Object.keys(extra).length === 0) return { kind: 'done', memory, outcomes: [] }
  const write = await writeWorkbooksFields(deps, work, { merge, memory, extra })
  if (write.kind !== 'written') {
    return {
      kind: 'gave-up',
      step: await giveUp(deps, work, { merge, write, system: 'workbooks' }),
    }
  }
  const isOwn = (name: string) => name in merged.receive && !(name in merged.send)
  const outcomes = [
    ...toConflictOutcomes(deps, work, { merge, of: isOwn }),
    ...(isReceiving ? [toUpdated(deps, work, { merge, system: 'workbooks', names })] : []),
  ]
  return { kind: 'done', memory: write.memory, outcomes }
}

type Kept = { readonly merge: PairMerge; readonly memory: PairMemory }

function keep(deps: SyncDeps, work: Work, { merge, memory }: Kept): readonly Statement[] {
  return keepMemory(work.kind, { pair: merge.pair, memory: dropSettled(memory) }, deps.now())
}

function isWritten({ merged }: PairMerge, name: string): boolean {
  return name in merged.send || name in merged.receive
}

type GivenUp = {
  readonly merge: PairMerge
  readonly write: Exclude<Write, { kind: 'written' }>
  /** The one that was written. */
  readonly system: System
}

/** What was written so far is kept; the rest is tried again, or flagged where it was refused. */
async function giveUp(deps: SyncDeps, work: Work, givenUp: GivenUp): Promise<Step> {
  const { merge, write, system } = givenUp
  const statements = keepMemory(work.kind, { pair: merge.pair, memory: write.memory }, deps.now())
  const outcomes = toDone(deps, work, { merge, done: write.done })
  await settle(deps, work, { outcomes, statements })
  if (write.kind === 'again') {
    return { kind: 'again', why: write.why, isLate: write.isLate === true }
  }
  const { message, names } = write
  const sent = system === 'outreach' ? merge.merged.send : merge.merged.receive
  const waits = await afterRefusedLink(deps, work, { system, names, sent, message })
  if (waits !== undefined) return waits
  return flagError(deps, work, {
    record: merge.w,
    told: { outreach: merge.pair.outreachId, reason: write.message },
  })
}

function known({ merged, w }: PairMerge) {
  return { agreed: merged.agreed, seen: merged.seen, lockVersion: w.lockVersion }
}

/** Changes that were settled need no time any more. */
function dropSettled(memory: PairMemory): PairMemory {
  const { seen = {}, ...rest } = memory
  const open = Object.entries(seen).filter(([key, { value }]) => {
    const [side, ...name] = key.split('/')
    const agreed = memory.agreed[name.join('/')]
    if (agreed === undefined) return false
    return !sameValue(side === 'workbooks' ? agreed.w : agreed.o, value)
  })
  return open.length === 0 ? rest : { ...rest, seen: Object.fromEntries(open) }
}

import type { Outcome } from '../../../schemas/outcome.ts'
import { writePair, type Pair } from '../../../state/pairs.ts'
import type { Statement } from '../../../state/state-store.ts'
import { toText } from '../fields/record-values.ts'
import { printMemory, readMemory, type PairMemory } from '../merge/memory.ts'
import type { Merged } from '../merge/merge-fields.ts'
import { flagError } from './flag-record.ts'
import { isSameMemory, mergePair, type Both, type PairMerge } from './merge-pair.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { settled, type Step, type SyncDeps, type Work } from './work.ts'
import { writeOutreachFields, writeWorkbooksFields, type Write } from './write-pair-fields.ts'

type Input = Both & {
  /** A pair of the old plug-in that an event of Outreach met before its turn (rulebook 3). */
  readonly standsUnlessNamed?: boolean
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
export async function applyMerge(deps: SyncDeps, work: Work, input: Input): Promise<Step> {
  const merge = await mergePair(deps, work, {
    ...input,
    standsUnlessNamed: input.standsUnlessNamed ?? false,
    connectedAt: deps.settings.connectedAt,
  })
  if (input.isNew === true) {
    await deps.store.write([...(input.statements ?? []), writePair(input.pair, deps.now())])
  }
  const { merged } = merge
  let memory: PairMemory = { ...withoutPending(merge.memory), ...known(merge) }
  const outcomes: Outcome[] = conflictOutcomes(deps, work, merge)

  if (Object.keys(merged.send).length > 0) {
    const write = await writeOutreachFields(deps, work, merge)
    memory = write.memory
    if (write.kind !== 'written') return giveUp(deps, work, { merge, write, outcomes: [] })
    outcomes.push(updated(deps, work, { merge, system: 'outreach', names: merged.send }))
  }

  const extra = writeBack(deps, work, merge)
  if (Object.keys(merged.receive).length > 0 || Object.keys(extra).length > 0) {
    const write = await writeWorkbooksFields(deps, work, { merge, memory, extra })
    memory = write.memory
    if (write.kind !== 'written') return giveUp(deps, work, { merge, write, outcomes })
    if (Object.keys(merged.receive).length > 0) {
      outcomes.push(updated(deps, work, { merge, system: 'workbooks', names: merged.receive }))
    }
  }

  if (outcomes.length === 0) outcomes.push(unchanged(deps, work, { merge, note: input.note }))
  const pair = { ...merge.pair, memory: printMemory(dropSettled(memory)) }
  const isKnown =
    isSameMemory(readMemory(merge.pair.memory), memory) &&
    input.isNew !== true &&
    input.hasChanged !== true
  await settle(deps, work, {
    outcomes,
    statements: isKnown ? [] : [writePair(pair, deps.now())],
  })
  return settled
}

type GivenUp = {
  readonly merge: PairMerge
  readonly write: Exclude<Write, { kind: 'written' }>
  readonly outcomes: readonly Outcome[]
}

/** What was written so far is kept; the rest is tried again, or flagged where it was refused. */
async function giveUp(
  deps: SyncDeps,
  work: Work,
  { merge, write, outcomes }: GivenUp,
): Promise<Step> {
  const pair: Pair = { ...merge.pair, memory: printMemory(write.memory) }
  const statements = [writePair(pair, deps.now())]
  if (write.kind === 'again') {
    await settle(deps, work, { outcomes, statements })
    return { kind: 'again', why: write.why, isLate: write.isLate === true }
  }
  await settle(deps, work, { outcomes, statements })
  return flagError(deps, work, {
    record: merge.w,
    told: { outreach: pair.outreachId, reason: write.message },
  })
}

function withoutPending({ pending: _, ...memory }: PairMemory): PairMemory {
  return memory
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
    return agreed !== undefined && (side === 'workbooks' ? agreed.w : agreed.o) !== value
  })
  return open.length === 0 ? rest : { ...rest, seen: Object.fromEntries(open) }
}

/** Outreach Id and URL, where a create could not write them back (rulebook 4). */
function writeBack(
  { settings }: SyncDeps,
  { kind }: Work,
  { pair, w }: PairMerge,
): Readonly<Record<string, unknown>> {
  if (toText(w.columns[kind.columns.outreachId]) === pair.outreachId) return {}
  return toWriteBack(settings.outreachWebUrl, kind, pair.outreachId)
}

export function toWriteBack(
  webUrl: string,
  { columns, outreach }: Work['kind'],
  outreachId: string,
): Readonly<Record<string, unknown>> {
  return {
    [columns.outreachId]: outreachId,
    [columns.outreachUrl]: `${webUrl}/${outreach.webPath}/${outreachId}`,
  }
}

type Told = { readonly merge: PairMerge }

function updated(
  { now }: SyncDeps,
  work: Work,
  told: Told & { readonly system: 'workbooks' | 'outreach'; readonly names: object },
): Outcome {
  const { merge, system, names } = told
  const reason = leftOutSentence(merge.merged)
  return toOutcome(
    work,
    { outcome: 'updated', ...idsOf(merge), system, fields: Object.keys(names), reason },
    now(),
  )
}

function unchanged(
  { now }: SyncDeps,
  work: Work,
  { merge, note }: Told & { readonly note: string | undefined },
): Outcome {
  const reason = [note, leftOutSentence(merge.merged)].filter((part) => part != null).join(' ')
  return toOutcome(
    work,
    {
      outcome: 'unchanged',
      ...idsOf(merge),
      reason: reason === '' ? 'Nothing had to be written.' : reason,
    },
    now(),
  )
}

function conflictOutcomes({ now }: SyncDeps, work: Work, merge: PairMerge): Outcome[] {
  const { conflicts } = merge.merged
  if (conflicts.length === 0) return []
  const fields = conflicts.map(({ field }) => field)
  const reason = 'Both sides had changed.'
  return [
    toOutcome(work, { outcome: 'conflict', ...idsOf(merge), fields, conflicts, reason }, now()),
  ]
}

function idsOf({ pair }: PairMerge) {
  return { workbooks: pair.workbooksId, outreach: pair.outreachId }
}

/** Names each field that was left out, with the reason; null where none was (rulebook 8). */
export function leftOutSentence({ leftOut }: Pick<Merged, 'leftOut'>): string | null {
  if (leftOut.length === 0) return null
  return `Left out: ${leftOut.map(({ field, why }) => `${field} (${why})`).join(', ')}.`
}

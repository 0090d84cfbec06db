import type { Outcome } from '../../../schemas/outcome.ts'
import type { Merged } from '../merge/merge-fields.ts'
import type { NamedParent } from '../relations/named-parents.ts'
import type { PairMerge } from './merge-pair.ts'
import { toOutcome } from './to-outcome.ts'
import type { SyncDeps, Work } from './work.ts'

type Clock = Pick<SyncDeps, 'now'>
type Told = { readonly merge: PairMerge }

export function toUpdated(
  { now }: Clock,
  work: Work,
  told: Told & { readonly system: 'workbooks' | 'outreach'; readonly names: object },
): Outcome {
  const { merge, system, names } = told
  const reason = toSentences(leftOutSentence(merge.merged), relationSentence(merge.parents, names))
  return toOutcome(
    work,
    { outcome: 'updated', ...idsOf(merge), system, fields: Object.keys(names), reason },
    now(),
  )
}

export function toUnchanged(
  { now }: Clock,
  work: Work,
  { merge, note }: Told & { readonly note: string | undefined },
): Outcome {
  const said = [note, leftOutSentence(merge.merged), relationSentence(merge.parents, {})]
  const reason = toSentences(...said) ?? 'Nothing had to be written.'
  return toOutcome(work, { outcome: 'unchanged', ...idsOf(merge), reason }, now())
}

/** Each field of those asked for that both sides had changed, with the value that lost (rulebook 8). */
export function toConflictOutcomes(
  clock: Clock,
  work: Work,
  { merge, of }: Told & { readonly of: (field: string) => boolean },
): readonly Outcome[] {
  const conflicts = merge.merged.conflicts.filter(({ field }) => of(field))
  return conflicts.length === 0 ? [] : [toConflict(clock, work, { merge, conflicts })]
}

/** A write whose answer was lost had arrived: what it did and decided is told after all (product 5.6). */
export function toArrivedOutcomes(clock: Clock, work: Work, merge: PairMerge): readonly Outcome[] {
  if (merge.arrived === undefined) return []
  const { system, fields, conflicts } = merge.arrived
  const reason = 'It had been written; the answer was lost on the way.'
  const told = { outcome: 'updated', ...idsOf(merge), system, fields, reason } as const
  return [
    ...(conflicts.length === 0 ? [] : [toConflict(clock, work, { merge, conflicts })]),
    ...(fields.length === 0 ? [] : [toOutcome(work, told, clock.now())]),
  ]
}

function toConflict(
  { now }: Clock,
  work: Work,
  { merge, conflicts }: Told & { readonly conflicts: Merged['conflicts'] },
): Outcome {
  const fields = conflicts.map(({ field }) => field)
  const reason = 'Both sides had changed.'
  return toOutcome(work, { outcome: 'conflict', ...idsOf(merge), fields, conflicts, reason }, now())
}

function idsOf({ pair }: PairMerge) {
  return { workbooks: pair.workbooksId, outreach: pair.outreachId }
}

/** Names each field that was left out, with the reason; null where none was (rulebook 8). */
export function leftOutSentence({ leftOut }: Pick<Merged, 'leftOut'>): string | null {
  if (leftOut.length === 0) return null
  return `Left out: ${leftOut.map(({ field, why }) => `${field} (${why})`).join(', ')}.`
}

/** Whom the written links name, on both sides, and whom the others wait for; null where nobody (rulebook 7). */
export function relationSentence(parents: readonly NamedParent[], written: object): string | null {
  const fields = [...new Set(parents.map(({ field }) => field))]
  const named = fields.flatMap((field) => {
    const ofField = parents.filter((one) => one.field === field)
    const awaited = ofField.filter(({ isAwaited }) => isAwaited).map(({ parent }) => parent)
    if (awaited.length > 0) return [`${field} waits for ${awaited.join(' and ')}`]
    return field in written ? [`${field}: ${ofField.map(({ parent }) => parent).join(' = ')}`] : []
  })
  return named.length === 0 ? null : `${named.join('; ')}.`
}

/** Undefined and null are nothing to say. */
export function toSentences(...parts: readonly (string | null | undefined)[]): string | null {
  const said = parts.filter((part) => part != null)
  return said.length === 0 ? null : said.join(' ')
}

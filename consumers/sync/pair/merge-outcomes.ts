import type { Outcome } from '../../../schemas/outcome.ts'
import type { Field } from '../fields/field.ts'
import { isMemberField, toShownName } from '../members/member-values.ts'
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
  const { fields: known } = work.kind
  const reason = toSentences(
    leftOutSentence(merge.merged, known),
    relationSentence(merge.parents, names, known),
  )
  const fields = toShownNames(known, Object.keys(names))
  return toOutcome(work, { outcome: 'updated', ...idsOf(merge), system, fields, reason }, now())
}

/** Of a write of one field at a time that has come to an end before the last: those that it has done. */
export function toDone(
  clock: Clock,
  work: Work,
  { merge, done = [] }: Told & { readonly done: readonly string[] | undefined },
): readonly Outcome[] {
  const names = Object.fromEntries(done.map((name) => [name, merge.merged.send[name]]))
  return done.length === 0 ? [] : [toUpdated(clock, work, { merge, system: 'outreach', names })]
}

export function toUnchanged(
  { now }: Clock,
  work: Work,
  { merge, note }: Told & { readonly note: string | undefined },
): Outcome {
  const { fields } = work.kind
  const said = [
    note,
    leftOutSentence(merge.merged, fields),
    relationSentence(merge.parents, {}, fields),
  ]
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
  const { system, conflicts } = merge.arrived
  const fields = toShownNames(work.kind.fields, merge.arrived.fields)
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
  const { fields: known } = work.kind
  const names = conflicts.map(({ field }) => field)
  const fields = toShownNames(known, names)
  const shown = conflicts.map((one) => ({ ...one, field: toShownName(known, one.field) }))
  const people = known.filter(isMemberField).filter(({ workbooks }) => names.includes(workbooks))
  const whose = people.map(({ members, member }) => {
    return `workbooks:${members.kind}:${member.workbooksId ?? ''}`
  })
  const reason = `Both sides had changed${whose.length === 0 ? '' : ` (${whose.join(', ')})`}.`
  const told = { outcome: 'conflict', ...idsOf(merge), fields, conflicts: shown, reason } as const
  return toOutcome(work, told, now())
}

function idsOf({ pair }: PairMerge) {
  return { workbooks: pair.workbooksId, outreach: pair.outreachId }
}

/** Names each field that was left out, with the reason; null where none was (rulebook 8). */
export function leftOutSentence(
  { leftOut }: Pick<Merged, 'leftOut'>,
  fields: readonly Field[],
): string | null {
  if (leftOut.length === 0) return null
  const said = leftOut.map(({ field, why }) => `${toShownName(fields, field)} (${why})`)
  return `Left out: ${[...new Set(said)].join(', ')}.`
}

/** The names that people know these fields by, each once. */
export function toShownNames(
  fields: readonly Field[],
  names: readonly string[],
): readonly string[] {
  return [...new Set(names.map((name) => toShownName(fields, name)))]
}

/** Whom the written links name, on both sides, and whom the others wait for; null where nobody (rulebook 7). */
export function relationSentence(
  parents: readonly NamedParent[],
  written: object,
  fields: readonly Field[],
): string | null {
  const names = [...new Set(parents.map(({ field }) => field))]
  const waits = new Map<string, string[]>()
  const named: string[] = []
  for (const name of names) {
    const ofField = parents.filter((one) => one.field === name)
    const awaited = ofField.filter(({ isAwaited }) => isAwaited).map(({ parent }) => parent)
    const shown = toShownName(fields, name)
    if (awaited.length > 0) waits.set(shown, [...(waits.get(shown) ?? []), ...awaited])
    else if (name in written)
      named.push(`${shown}: ${ofField.map(({ parent }) => parent).join(' = ')}`)
  }
  const waiting = [...waits].map(([shown, refs]) => `${shown} waits for ${refs.join(' and ')}`)
  const said = [...waiting, ...named]
  return said.length === 0 ? null : `${said.join('; ')}.`
}

/** Undefined and null are nothing to say. */
export function toSentences(...parts: readonly (string | null | undefined)[]): string | null {
  const said = parts.filter((part) => part != null)
  return said.length === 0 ? null : said.join(' ')
}

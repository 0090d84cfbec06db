import { isBlank } from '../fields/value.ts'
import { isEligible } from '../kinds/is-eligible.ts'
import { outreachRef, workbooksRef, type Kind } from '../kinds/kind.ts'
import type { Merged, Values } from '../merge/merge-fields.ts'
import { isTrashed } from '../pair/is-trashed.ts'
import type { SyncDeps, Work } from '../pair/work.ts'
import type { PairMemory } from '../merge/memory.ts'
import { isMemberField, type MemberField } from './member-values.ts'

type Deps = Pick<SyncDeps, 'recordsOf' | 'kindNamed'>

/** What is left of a merge, and the people who were held back because they are not eligible. */
export type HeldBack = { readonly merged: Merged; readonly ineligible: readonly MemberField[] }

/** What a merge decided, and what was agreed before it. */
type Wanted = {
  readonly merged: Merged
  readonly agreed?: PairMemory['agreed']
}

/**
 * What a merge wants of people, without those who take no part now: a person who is deleted or not eligible,
 * and a removal whose cause is that the other record of theirs is gone: whoever deleted a prospect did not
 * dismiss the contact (rulebook 7). What is held back stays a change.
 */
export async function holdBackMembers(
  deps: Deps,
  work: Work,
  { merged, agreed = {} }: Wanted,
): Promise<HeldBack> {
  const written = work.kind.fields
    .filter(isMemberField)
    .filter(({ workbooks }) => workbooks in merged.send || workbooks in merged.receive)
  const [first] = written
  if (first === undefined) return { merged, ineligible: [] }
  const isRemoved = (name: string) => isRemovedFromWorkbooks(merged, name)
  const isHidden = (name: string) =>
    agreed[name]?.rows?.some((id) => work.hiddenRows?.has(id) === true) === true
  // A batch of people, and one of prospects whose removal is looked into.
  const isAnyRemoved = written.some(({ workbooks }) => isRemoved(workbooks))
  work.calls.count += 1 + Number(isAnyRemoved)
  const asked = { kind: deps.kindNamed(first.members.kind), isRemoved, isHidden }
  const found = await Promise.all(
    written.map(async (field) => ({ field, ...(await lookAt(deps, work, { field, ...asked })) })),
  )
  const held = found.flatMap(({ field, why }) => (why === undefined ? [] : [{ field, why }]))
  const ineligible = found.flatMap(({ field, isIneligible }) => (isIneligible ? [field] : []))
  return { merged: held.length === 0 ? merged : withoutHeld(merged, held), ineligible }
}

type Carried = Pick<Merged, 'leftOut'> & { readonly values: Values }

/** The same of what a create in Workbooks carries. */
export async function holdBackCarried(
  deps: Deps,
  work: Work,
  { values, leftOut }: Carried,
): Promise<Carried> {
  const nothing = { send: {}, agreed: {}, conflicts: [], seen: {} }
  const carried = { ...nothing, receive: values, leftOut }
  const { merged } = await holdBackMembers(deps, work, { merged: carried })
  return { values: merged.receive, leftOut: merged.leftOut }
}

function isRemovedFromWorkbooks({ receive }: Merged, name: string): boolean {
  return name in receive && isBlank(receive[name] ?? null)
}

type Asked = {
  readonly field: MemberField
  /** Undefined: people are not synchronised at all. */
  readonly kind: Kind | undefined
  readonly isRemoved: (name: string) => boolean
  /** A row that was agreed on is not shown, and not provably gone. */
  readonly isHidden: (name: string) => boolean
}

type Looked = { readonly why: string | undefined; readonly isIneligible?: boolean }

async function lookAt(
  { recordsOf }: Deps,
  work: Work,
  { field, kind, isRemoved, isHidden }: Asked,
): Promise<Looked> {
  const { workbooksId = '', outreachId = '' } = field.member
  if (kind === undefined) return { why: `no ${field.members.kind} takes part now` }
  const { call } = work
  const records = recordsOf(kind)
  const w = await records.readWorkbooks(workbooksId, call)
  const ref = workbooksRef(kind, workbooksId)
  if (w.kind !== 'here' || w.record.isDeleted) return { why: `${ref} is not there any more` }
  const eligibility = isEligible(w.record, kind.columns)
  if (eligibility.kind === 'ineligible') {
    const why = `${ref} takes no part: ${eligibility.why.replace(/\.$/, '')}`
    return { why, isIneligible: true }
  }
  if (isHidden(field.workbooks))
    return { why: `Outreach does not list a row of ${ref} that it had` }
  if (!isRemoved(field.workbooks)) return { why: undefined }
  const o = await records.readOutreach(outreachId, call)
  const isThere = o.kind === 'here' && !isTrashed(o.record)
  return { why: isThere ? undefined : `${outreachRef(kind, outreachId)} is not there any more` }
}

type Held = { readonly field: MemberField; readonly why: string }

function withoutHeld(merged: Merged, held: readonly Held[]): Merged {
  const names = new Set(held.map(({ field }) => field.workbooks))
  const rest = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)))
  return {
    ...merged,
    send: rest(merged.send),
    receive: rest(merged.receive),
    conflicts: merged.conflicts.filter(({ field }) => !names.has(field)),
    leftOut: [
      ...merged.leftOut,
      ...held.map(({ field, why }) => {
        const side = field.workbooks in merged.send ? ('outreach' as const) : ('workbooks' as const)
        return { field: field.workbooks, why, side }
      }),
    ],
  }
}

import { isBlank } from '../fields/value.ts'
import { isEligible } from '../kinds/is-eligible.ts'
import { outreachRef, workbooksRef, type Kind } from '../kinds/kind.ts'
import type { Merged, Values } from '../merge/merge-fields.ts'
import { isTrashed } from '../pair/is-trashed.ts'
import type { OutreachFound, SyncDeps, Work } from '../pair/work.ts'
import type { PairMemory } from '../merge/memory.ts'
import { rowsOn } from './rows.ts'
import { isMemberField, type MemberField } from './member-values.ts'

type Deps = Pick<SyncDeps, 'recordsOf' | 'kindNamed'>

/** What is left of a merge, and the people who were held back because they are not eligible. */
export type HeldBack = { readonly merged: Merged; readonly ineligible: readonly MemberField[] }

/** What a merge decided, and what was agreed before it. */
type Wanted = {
  readonly merged: Merged
  readonly agreed?: PairMemory['agreed']
  /** The id of their record in Outreach. */
  readonly owner?: string
}

/**
 * What a merge wants of people, without those who take no part now: a person who is deleted or not eligible,
 * and a removal whose cause is that the other record of theirs is gone: whoever deleted a prospect did not
 * dismiss the contact (rulebook 7). What is held back stays a change.
 */
export async function holdBackMembers(
  deps: Deps,
  work: Work,
  { merged, agreed = {}, owner }: Wanted,
): Promise<HeldBack> {
  const written = work.kind.fields
    .filter(isMemberField)
    .filter(({ workbooks }) => workbooks in merged.send || workbooks in merged.receive)
  const [first] = written
  if (first === undefined) return { merged, ineligible: [] }
  const isRemoved = (name: string) => isRemovedFromWorkbooks(merged, name)
  const lostOf = (field: MemberField) => {
    const rows = field.workbooks in merged.receive ? agreed[field.workbooks]?.rows : undefined
    return findUnproven(work, field, rows ?? [])
  }
  // A batch of people, one of prospects whose removal is looked into, and one of rows that nobody told of.
  const isAnyRemoved = written.some(({ workbooks }) => isRemoved(workbooks))
  const isAnyLost = written.some((field) => lostOf(field).length > 0)
  work.calls.count += 1 + Number(isAnyRemoved) + Number(isAnyLost)
  const asked = { kind: deps.kindNamed(first.members.kind), isRemoved, lostOf, owner }
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
  /** Rows that are in the list no more, and of which no event told that they were removed. */
  readonly lostOf: (field: MemberField) => readonly string[]
  readonly owner: string | undefined
}

type Looked = { readonly why: string | undefined; readonly isIneligible?: boolean }

async function lookAt(
  { recordsOf }: Deps,
  work: Work,
  { field, kind, isRemoved, lostOf, owner }: Asked,
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
  const rows = await Promise.all(lostOf(field).map((id) => work.records.readRow(id, call)))
  if (rows.some((row) => isStillThere(field, { row, owner }))) {
    return { why: `Outreach does not list a row of ${ref} that it had` }
  }
  if (!isRemoved(field.workbooks)) return { why: undefined }
  const o = await records.readOutreach(outreachId, call)
  const isThere = o.kind === 'here' && !isTrashed(o.record)
  return { why: isThere ? undefined : `${outreachRef(kind, outreachId)} is not there any more` }
}

/** Not being in a list is no proof (rulebook 10); that an event told of it is. */
function findUnproven(
  { hint }: Work,
  { member, members }: MemberField,
  known: readonly string[],
): readonly string[] {
  const told = hint.events.flatMap(({ changed }) => rowsOn(changed, members.rowType) ?? [])
  const isGone = new Set(told.flatMap(({ id, isGone }) => (isGone === true ? [id] : [])))
  return known.filter((id) => member.rowIds?.includes(id) !== true && !isGone.has(id))
}

/** Hidden from us, or from a list, it may still say what it said. */
function isStillThere(
  { member, members }: MemberField,
  { row, owner }: { readonly row: OutreachFound; readonly owner: string | undefined },
): boolean {
  if (row.kind !== 'here') return row.kind === 'unseen'
  const { links } = row.record
  return links[members.memberLink] === member.outreachId && links[members.ownerLink] === owner
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

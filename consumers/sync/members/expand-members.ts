import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Pairs } from '../../../state/pairs.ts'
import type { PairMemory } from '../merge/memory.ts'
import type { SyncDeps, Work } from '../pair/work.ts'
import { readContacts, whyNotInArray, type Contact } from './contacts.ts'
import { isMemberName, toMemberName, type Member } from './members.ts'
import { isMembersField, type MemberField, type MembersField } from './member-values.ts'
import { rowsOn } from './rows.ts'

type Deps = Pick<SyncDeps, 'pairs' | 'parties'>

/** What is known of the record, or of both of its pair. */
type Seen = {
  readonly w?: WorkbooksRecord | undefined
  readonly o?: OutreachRecord | undefined
  readonly memory?: PairMemory
}

/**
 * The work with a field of its own for every person who belongs to the record, so that each is merged by
 * themselves: two people who are added on two sides lose nothing. Where the rows cannot be read there is
 * no such field at all: they are left alone.
 */
export async function expandMembers(deps: Deps, work: Work, seen: Seen): Promise<Work> {
  const { kind } = work
  const line = kind.fields.find(isMembersField)
  if (line === undefined) return work
  const plain = kind.fields.filter(({ form }) => form !== 'member')
  const rows = seen.o === undefined ? [] : rowsOn(seen.o.attributes, line.members.rowType)
  if (rows === undefined || !areShown(line, seen.w)) {
    return { ...work, kind: { ...kind, fields: plain.filter((field) => field !== line) } }
  }
  const contacts = seen.w === undefined ? [] : readContacts(line.members, seen.w.columns)
  const inRows = unique(rows.map(({ member }) => member))
  const members = await toMembers(deps, work, { line, contacts, inRows, memory: seen.memory })
  const unwritable = contacts
    .map(({ role }) => whyNotInArray(role))
    .find((why) => why !== undefined)
  const own = members.map((member) => {
    const its = rows.filter((row) => row.member === member.outreachId)
    return toMemberField(line, { ...member, unwritable, rowIds: its.map(({ id }) => id) })
  })
  return { ...work, kind: { ...kind, fields: [...plain, ...own] } }
}

/** A column that our user is not shown proves nothing: nobody was dismissed. */
function areShown({ members }: MembersField, w: WorkbooksRecord | undefined): boolean {
  if (w === undefined) return true
  return members.idsColumn in w.columns && members.rolesColumn in w.columns
}

function toMemberField(line: MembersField, member: Member): MemberField {
  return {
    ...line,
    workbooks: toMemberName(line.workbooks, member),
    outreach: `${line.outreach}[${member.outreachId ?? ''}]`,
    form: 'member',
    member,
  }
}

type Found = {
  readonly line: MembersField
  readonly contacts: readonly Contact[]
  /** Of the people in Outreach's rows. */
  readonly inRows: readonly string[]
  readonly memory: PairMemory | undefined
}

async function toMembers(deps: Deps, work: Work, found: Found): Promise<readonly Member[]> {
  const { line, contacts, inRows, memory } = found
  const { kind } = line.members
  const inColumns = unique([...contacts.map(({ id }) => id), ...remembered(line, memory)])
  const [byWorkbooks, byOutreach] = await Promise.all([
    linked(deps.pairs, { kind, side: 'workbooks', ids: inColumns }),
    linked(deps.pairs, { kind, side: 'outreach', ids: unique([...inRows, ...told(work, line)]) }),
  ])
  const pairs = new Map(
    [...byWorkbooks, ...byOutreach].map((pair): readonly [string, Member] => {
      const { workbooksId, outreachId } = pair
      return [workbooksId, { workbooksId, outreachId }]
    }),
  )
  const isPaired = new Set([...pairs.values()].map(({ outreachId }) => outreachId))
  const alone = inColumns.filter((id) => !pairs.has(id))
  const strangers = await findStrangers(deps, work, { line, memory, ids: alone })
  return [
    ...pairs.values(),
    ...alone.map((workbooksId): Member => {
      return strangers.has(workbooksId) ? { workbooksId, isStranger: true } : { workbooksId }
    }),
    ...inRows.filter((id) => !isPaired.has(id)).map((outreachId): Member => ({ outreachId })),
  ]
}

/** The Workbooks ids of those who were known before: who is on neither side any more is agreed on too. */
function remembered({ workbooks }: MembersField, memory: PairMemory | undefined) {
  return Object.keys(memory?.agreed ?? {}).flatMap((name) => {
    const id = isMemberName(workbooks, name) ? name.slice(workbooks.length + 1, -1) : ''
    return /^\d+$/.test(id) ? [id] : []
  })
}

/** Whose rows have ended, as events tell: an edit that we took away with one is seen there (rulebook 8). */
function told({ hint }: Work, { members }: MembersField): readonly string[] {
  const all = hint.events.flatMap(({ changed }) => rowsOn(changed, members.rowType) ?? [])
  return all.filter(({ isGone }) => isGone === true).map(({ member }) => member)
}

type Asked = {
  readonly kind: string
  readonly side: 'workbooks' | 'outreach'
  readonly ids: readonly string[]
}

async function linked(pairs: Pick<Pairs, 'byRecords'>, { kind, side, ids }: Asked) {
  const found = ids.length === 0 ? [] : await pairs.byRecords(kind, side, ids)
  return found.filter(({ status }) => status === 'linked')
}

type Alone = {
  readonly line: MembersField
  readonly memory: PairMemory | undefined
  readonly ids: readonly string[]
}

/**
 * Ids of organisations and people come from one space: who is not linked is looked at as a person once,
 * and remembered from then on.
 */
async function findStrangers(
  { parties }: Deps,
  { call }: Work,
  { line, memory, ids }: Alone,
): Promise<ReadonlySet<string>> {
  const { kind } = line.members
  const nameOf = (workbooksId: string) => toMemberName(line.workbooks, { workbooksId })
  const named = new Set(memory?.parents)
  const unnamed = ids.filter((id) => !named.has(`${nameOf(id)} workbooks:${kind}:${id}`))
  const unread = unnamed.filter((id) => memory?.agreed[nameOf(id)] === undefined)
  const others = await parties.othersThan(kind, unread, call)
  return new Set(unnamed.filter((id) => !unread.includes(id) || others.has(id)))
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)]
}

import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { System } from '../../../schemas/record-ref.ts'
import type { ClosedWhy, Pair } from '../../../state/pairs.ts'
import { emptyMemory, type PairMemory } from '../merge/memory.ts'
import type { SyncDeps, Work } from '../pair/work.ts'
import { toAskedKeys } from '../relations/named-parents.ts'
import { readContacts, whyNotInArray, type Contact } from './contacts.ts'
import { isMemberName, toMemberName, type Member } from './members.ts'
import { isMembersField, type MemberField, type MembersField } from './member-values.ts'
import { goneRows, rowsOn } from './rows.ts'

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
    deps.pairs.byRecords(kind, 'workbooks', inColumns),
    deps.pairs.byRecords(kind, 'outreach', unique([...inRows, ...told(work, line)])),
  ])
  const pairs = toPaired(byWorkbooks, byOutreach)
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
  return goneRows(hint.events, members.rowType).map(({ member }) => member)
}

/**
 * People by their Workbooks id: who is linked, and who was until one of the two records went; not where one
 * of them has another partner by now, or the pair was given up.
 */
function toPaired(
  byWorkbooks: readonly Pair[],
  byOutreach: readonly Pair[],
): ReadonlyMap<string, Member> {
  const linked = [...byWorkbooks, ...byOutreach].filter(({ status }) => status === 'linked')
  const taken = new Set(linked.map(({ outreachId }) => outreachId))
  const closed = byWorkbooks
    .filter(
      (pair, at) => at === byWorkbooks.findIndex((one) => one.workbooksId === pair.workbooksId),
    )
    .filter(({ status, outreachId }) => status === 'closed' && !taken.has(outreachId))
  return new Map(
    [...closed, ...linked].map(({ workbooksId, outreachId, status, closedWhy }) => {
      const isClosed = status === 'closed' && closedWhy !== null
      const goneFrom = isClosed ? { goneFrom: goneFromOf[closedWhy] } : {}
      return [workbooksId, { workbooksId, outreachId, ...goneFrom }]
    }),
  )
}

const goneFromOf: Readonly<Record<ClosedWhy, System>> = {
  'workbooks gone': 'workbooks',
  'we deleted workbooks': 'workbooks',
  'outreach gone': 'outreach',
  'we deleted outreach': 'outreach',
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
  const named = new Set(toAskedKeys(memory ?? emptyMemory))
  const unnamed = ids.filter((id) => !named.has(`${nameOf(id)} workbooks:${kind}:${id}`))
  const unread = unnamed.filter((id) => memory?.agreed[nameOf(id)] === undefined)
  const others = await parties.othersThan(kind, unread, call)
  return new Set(unnamed.filter((id) => !unread.includes(id) || others.has(id)))
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)]
}

import type { RecordChange } from '../../../schemas/event.ts'
import { toSeconds, toText } from '../fields/record-values.ts'
import type { RowLinks } from './known-rows.ts'
import type { Members, MembersLine } from './members.ts'
import { rowsOn, type Row } from './rows.ts'

type Attributes = Readonly<Record<string, unknown>>

type RowChange = Omit<RecordChange, 'native'>
type RowsOf = MembersLine & Pick<Members, 'rowType'>

/** What an event about a row says of the record that it belongs to. */
export type RowEvent = {
  /** Undefined where nobody can say which record it is, or where it is more than one. */
  readonly owner: string | undefined
  readonly owners: readonly string[]
  readonly told: {
    /** The record itself was neither made nor destroyed. */
    readonly action: 'updated'
    /** Epoch seconds; 0 for a row that is gone, whose own time is that of its last change. */
    readonly updatedAt: number
    readonly changed: Attributes
    readonly before: Attributes
    readonly links: Readonly<Record<string, never>>
    readonly linksBefore: Readonly<Record<string, never>>
  }
}

/** By the event, and by what is known here of its row. */
export function toRowEvent(
  data: RowChange,
  members: RowsOf,
  known: RowLinks | undefined,
): RowEvent {
  const { rowType, ownerLink } = members
  const told = [data.links[ownerLink], data.linksBefore?.[ownerLink], known?.owner]
  const owners = [...new Set(told.filter((id) => typeof id === 'string'))]
  const isGone = data.action === 'destroyed'
  const { now, was } = toRows(data, members, known)
  return {
    // A row that moved from one record to another is about both.
    owner: owners.length === 1 ? owners[0] : undefined,
    owners,
    told: {
      action: 'updated',
      updatedAt: isGone ? 0 : toSeconds(data.changed['updatedAt']),
      changed: now === undefined ? {} : { [rowType]: [isGone ? { ...now, isGone: true } : now] },
      before:
        was === undefined
          ? {}
          : { ...toTime(isGone ? data.changed : data.before), [rowType]: [was] },
      links: {},
      linksBefore: {},
    },
  }
}

type Sides = { readonly changed: Attributes; readonly before: Attributes }

/** What an event said of a row, once the row was read and says whose it is. */
export function ofMember<Told extends Sides>(
  { rowType }: Pick<Members, 'rowType'>,
  told: Told,
  member: string,
): Told {
  const withMember = (side: Attributes): Attributes => {
    const rows = rowsOn(side, rowType)?.map((row) => (row.member === '' ? { ...row, member } : row))
    return rows === undefined ? side : { ...side, [rowType]: rows }
  }
  return { ...told, changed: withMember(told.changed), before: withMember(told.before) }
}

function toTime({ updatedAt }: Attributes): Attributes {
  return updatedAt === undefined ? {} : { updatedAt }
}

/** The row as it is told, and as it was before: a role that was blank is not told of. */
function toRows(data: RowChange, members: RowsOf, known: RowLinks | undefined) {
  const { roleAttribute, memberLink } = members
  const before = data.linksBefore?.[memberLink]
  const member = data.links[memberLink] ?? before ?? known?.member
  const now = toRow(data, { members, member, from: data.changed })
  // What is told of a row that is gone is what it was.
  if (data.action === 'destroyed') return { now, was: now }
  const isToldBefore = data.action === 'updated' && roleAttribute in data.before
  const was = { members, member: before ?? member, from: data.before }
  return { now, was: isToldBefore ? toRow(data, was) : undefined }
}

type Told = {
  readonly members: RowsOf
  readonly member: string | null | undefined
  readonly from: Attributes
}

/** Undefined where the event tells neither of a role nor of a person. */
function toRow(
  { record, action, changed, before, links }: RowChange,
  { members, member, from }: Told,
): Row | undefined {
  const { roleAttribute, memberLink } = members
  const isTold =
    action !== 'updated' ||
    [changed, before].some((side) => roleAttribute in side) ||
    memberLink in links
  if (!isTold) return undefined
  const role = toText(from[roleAttribute]) ?? ''
  // Whose it is may be told by the row itself only.
  return {
    id: record.id,
    member: member ?? '',
    role,
    updatedAt: toText(changed['updatedAt']) ?? '',
  }
}

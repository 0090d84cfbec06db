import type { RecordChange } from '../../../schemas/event.ts'
import { toSeconds, toText } from '../fields/record-values.ts'
import type { RowLinks } from './known-rows.ts'
import type { Members, MembersLine } from './members.ts'
import type { Row } from './rows.ts'

type Attributes = Readonly<Record<string, unknown>>

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
  data: RecordChange,
  members: RowsOf,
  known: RowLinks | undefined,
): RowEvent {
  const { rowType, ownerLink, memberLink } = members
  const { links, linksBefore = {} } = data
  const owners = new Set(
    [links[ownerLink], linksBefore[ownerLink], known?.owner].filter((id) => typeof id === 'string'),
  )
  const [owner] = owners
  const member = links[memberLink] ?? linksBefore[memberLink] ?? known?.member
  const isGone = data.action === 'destroyed'
  const now = toRow(data, { members, member, from: data.changed })
  // A role that was blank is not told: then nothing is known of what stood there before.
  const isToldBefore = data.action === 'updated' && members.roleAttribute in data.before
  const from = linksBefore[memberLink] ?? member
  const was = isToldBefore ? toRow(data, { members, member: from, from: data.before }) : undefined
  return {
    // A row that moved from one record to another is about both.
    owner: owners.size === 1 ? owner : undefined,
    owners: [...owners],
    told: {
      action: 'updated',
      updatedAt: isGone ? 0 : toSeconds(data.changed['updatedAt']),
      changed: now === undefined ? {} : { [rowType]: [isGone ? { ...now, isGone: true } : now] },
      before: was === undefined ? {} : { [rowType]: [was] },
      links: {},
      linksBefore: {},
    },
  }
}

type Told = {
  readonly members: RowsOf
  readonly member: string | null | undefined
  readonly from: Attributes
}

/** Undefined where the event tells neither of a role nor of a person. */
function toRow(
  { record, action, changed, before, links }: RecordChange,
  { members, member, from }: Told,
): Row | undefined {
  const { roleAttribute, memberLink } = members
  const isTold =
    action !== 'updated' ||
    [changed, before].some((side) => roleAttribute in side) ||
    memberLink in links
  if (!isTold || typeof member !== 'string') return undefined
  const role = toText(from[roleAttribute]) ?? ''
  return { id: record.id, member, role, updatedAt: toText(changed['updatedAt']) ?? '' }
}

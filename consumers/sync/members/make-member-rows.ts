import type { Call, Found } from '../../../clients/call.ts'
import { SetupFault } from '../../../clients/errors.ts'
import type { OutreachClient, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { toText } from '../fields/record-values.ts'
import type { LeftAlone } from '../left-alone.ts'
import type { KnownRows } from './known-rows.ts'
import type { Members } from './members.ts'
import type { Row } from './rows.ts'

type Deps = {
  readonly kind: string
  readonly members: Members
  readonly outreach: Pick<OutreachClient, 'search' | 'readMany' | 'isOAuth'>
  readonly leftAlone: LeftAlone
  readonly known: Pick<KnownRows, 'note'>
  readonly now: () => number
}

export type MemberRows = {
  /** The records with their rows; without any where they cannot be read: then people are left alone. */
  readonly hangOn: (
    found: ReadonlyMap<string, Found<OutreachRecord>>,
    call: Call,
  ) => Promise<ReadonlyMap<string, Found<OutreachRecord>>>
  /** Rows by their ids, in one call for a hundred. */
  readonly readRows: (
    ids: readonly string[],
    call: Call,
  ) => Promise<ReadonlyMap<string, Found<OutreachRecord>>>
  /** The credentials do not reach the rows: they are left alone for a while, and somebody is told. */
  readonly leaveAlone: (why: string) => Promise<void>
  /** A row was written: the credentials reach them. */
  readonly wereWritten: () => Promise<void>
}

/** So long nobody asks for what the credentials do not reach. */
const againMs = 60_000

// Several rows for each of a hundred records; more in one page fail now and then (outreach-api 12).
const pageSize = 500

/** The rows that relate people to records: OAuth only (outreach-api 2.3). */
export function makeMemberRows(deps: Deps): MemberRows {
  const { kind, members, outreach, leftAlone, known, now } = deps
  const about = { kind, what: 'contacts' } as const
  let offUntil = Number.NEGATIVE_INFINITY
  // They may be read, and yet not be written: whoever reads them, in whatever process, proves nothing.
  const aboutWrites = { kind, what: 'changes of contacts' } as const

  async function leaveAlone(part: typeof about | typeof aboutWrites, why: string): Promise<void> {
    offUntil = now() + againMs
    await leftAlone.say({ ...part, why })
  }

  async function rowsOf(ids: readonly string[], call: Call) {
    const key = `${members.ownerLink}.id`
    const filter = { [key]: ids.join(',') }
    const found = await outreach.search(members.rowType, { filter, size: pageSize }, call)
    const wanted = new Set(ids)
    // A filter that is ignored must not show strangers; a row that moves may be on two pages.
    const rows = found.filter(({ links }) => wanted.has(links[members.ownerLink] ?? ''))
    return [...new Map(rows.map((row) => [row.id, row])).values()]
  }

  function withRows(record: OutreachRecord, rows: readonly OutreachRecord[]): OutreachRecord {
    const own = rows.filter(({ links }) => links[members.ownerLink] === record.id)
    const readAt = Math.min(record.readAt, ...rows.map((row) => row.readAt))
    const attributes = { ...record.attributes, [members.rowType]: toRows(members, own) }
    return { ...record, attributes, readAt }
  }

  function withRowsIfHere(
    found: Found<OutreachRecord>,
    rows: readonly OutreachRecord[],
  ): Found<OutreachRecord> {
    return found.kind === 'here' ? { ...found, record: withRows(found.record, rows) } : found
  }

  const hangOn: MemberRows['hangOn'] = async (found, call) => {
    const ids = [...found].flatMap(([id, one]) => (one.kind === 'here' ? [id] : []))
    if (ids.length === 0 || now() < offUntil) return found
    if (!outreach.isOAuth) {
      const why = 'Outreach shows the prospects of an opportunity to OAuth credentials only'
      await leaveAlone(about, why)
      return found
    }
    try {
      const rows = await rowsOf(ids, call)
      await leftAlone.isOver(about)
      known.note(members, rows)
      return new Map([...found].map(([id, one]) => [id, withRowsIfHere(one, rows)]))
    } catch (error) {
      if (!(error instanceof SetupFault)) throw error
      await leaveAlone(about, `${error.message} ${error.mend}`)
      return found
    }
  }

  return {
    hangOn,
    leaveAlone: (why) => leaveAlone(aboutWrites, why),
    wereWritten: () => leftAlone.isOver(aboutWrites),
    readRows: (ids, call) => outreach.readMany(members.rowType, ids, call),
  }
}

/** Rows as fields read them; one that names nobody is none. */
export function toRows(
  { memberLink, roleAttribute }: Members,
  rows: readonly OutreachRecord[],
): readonly Row[] {
  return rows.flatMap(({ id, attributes, links }) => {
    const member = links[memberLink]
    if (typeof member !== 'string') return []
    const role = toText(attributes[roleAttribute]) ?? ''
    return [{ id, member, role, updatedAt: toText(attributes['updatedAt']) ?? '' }]
  })
}

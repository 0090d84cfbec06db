import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { PairMemory } from '../merge/memory.ts'
import type { OutreachFound, Work } from '../pair/work.ts'
import { toRows } from './make-member-rows.ts'
import { isMembersField, type MembersField } from './member-values.ts'
import { isMemberName, type Members } from './members.ts'
import { goneRows, rowsOn } from './rows.ts'

type Known = { readonly o: OutreachRecord; readonly memory: PairMemory }
type Shown = { readonly work: Work; readonly o: OutreachRecord }

/**
 * The record with the rows that were agreed on and that the list does not show, as long as they are there:
 * not being in a list is no proof (rulebook 10), and a list that lags must neither undo nor double an edit.
 * They are asked for by their ids, in one call with others; not those whose end an event tells.
 */
export async function withLostRows(work: Work, { o, memory }: Known): Promise<Shown> {
  const line = work.kind.fields.find(isMembersField)
  const listed = line === undefined ? undefined : rowsOn(o.attributes, line.members.rowType)
  if (line === undefined || listed === undefined) return { work, o }
  const gone = goneRows(work.hint.events, line.members.rowType)
  const isKnown = new Set([...listed, ...gone].map(({ id }) => id))
  const lost = agreedRows(line, memory).filter((id) => !isKnown.has(id))
  if (lost.length === 0) return { work, o }
  work.calls.count += 1
  const found = await Promise.all(
    lost.map(async (id) => ({ id, row: await work.records.readRow(id, work.call) })),
  )
  const hidden = found.flatMap(({ id, row }) => (row.kind === 'unseen' ? [id] : []))
  const there = found.flatMap(({ row }) => toOwnRow(line.members, o, row))
  const rows = [...listed, ...toRows(line.members, there)]
  const attributes = { ...o.attributes, [line.members.rowType]: rows }
  return { work: { ...work, hiddenRows: new Set(hidden) }, o: { ...o, attributes } }
}

function agreedRows({ workbooks }: MembersField, { agreed }: PairMemory): readonly string[] {
  return Object.entries(agreed).flatMap(([name, { rows = [] }]) =>
    isMemberName(workbooks, name) ? rows : [],
  )
}

/** One that was moved to another record is none of this one's. */
function toOwnRow(
  { ownerLink }: Members,
  owner: OutreachRecord,
  row: OutreachFound,
): readonly OutreachRecord[] {
  return row.kind === 'here' && row.record.links[ownerLink] === owner.id ? [row.record] : []
}

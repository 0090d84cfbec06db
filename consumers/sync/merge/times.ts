import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { System } from '../../../schemas/record-ref.ts'
import { isToldIn, type Field } from '../fields/field.ts'
import { readOutreachValue, readWorkbooksValue, toSeconds } from '../fields/record-values.ts'
import { sameValue } from '../fields/value.ts'
import { namesChanges, type Hint, type HintEvent } from '../hint.ts'
import { isMemberField } from '../members/member-values.ts'
import { rowsOn } from '../members/rows.ts'
import type { PairMemory } from './memory.ts'

type Input = {
  readonly hint: Hint
  /** What waits to be handled of the other record. */
  readonly others?: readonly HintEvent[]
  readonly memory: PairMemory
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
}

/**
 * When a field got its present value, epoch seconds (rulebook 8, `latest`): the record's updated time in
 * the event that names the field, else when the value was first read, else the record's updated time -
 * but never a time that our own write made; 0 where nobody knows.
 */
export function makeTimeOf(input: Input): (field: Field, side: System) => number {
  const { hint, others = [], memory, w, o } = input
  return (field, side) => {
    const events = hint.side === side ? hint.events : others
    const value =
      side === 'outreach' ? readOutreachValue(field, o) : readWorkbooksValue(field, w.columns)
    const named = timeInEvents(field, { side, events, columns: w.columns }, value)
    if (named > 0) return named
    const seen = memory.seen?.[`${side}/${field.workbooks}`]
    if (seen !== undefined && sameValue(seen.value, value)) return seen.time
    const ofRows = side === 'outreach' ? timeOfRows(field, o) : 0
    if (ofRows > 0) return ofRows
    const updated = toSeconds(
      side === 'outreach' ? o.attributes['updatedAt'] : w.columns['updated_at'],
    )
    return updated === memory.ourTimes?.[side] ? newestForeign(events, updated) : updated
  }
}

type Told = {
  readonly side: System
  readonly events: readonly HintEvent[]
  /** Of the Workbooks record, as it is now. */
  readonly columns: WorkbooksRecord['columns']
}

function timeInEvents(
  field: Field,
  { side, events, columns }: Told,
  value: ReturnType<typeof readOutreachValue>,
): number {
  const times = events.filter(namesChanges).map((event) => {
    const source =
      side === 'outreach' ? toOutreach(field, event) : toWorkbooks(field, event, columns)
    return source !== undefined && sameValue(source, value) ? timeOf(event) : 0
  })
  return Math.max(0, ...times)
}

/** That a row is gone is told without a time of its own. */
function timeOf({ updatedAt, row, changedAt }: HintEvent): number {
  return updatedAt === 0 && row !== undefined ? Math.floor(changedAt / 1000) : updatedAt
}

/** The rows of a person say when they were changed; their record does not. */
function timeOfRows(field: Field, { attributes }: OutreachRecord): number {
  if (!isMemberField(field)) return 0
  const { members, member } = field
  const own = (rowsOn(attributes, members.rowType) ?? []).filter(
    (row) => row.member === member.outreachId,
  )
  return Math.max(0, ...own.map(({ updatedAt }) => toSeconds(updatedAt)))
}

function toOutreach(field: Field, { changed: attributes, links }: HintEvent) {
  const told = { attributes, links }
  return isToldIn(field, told) ? readOutreachValue(field, told) : undefined
}

/** A person's roles stand in two columns, and an event may name only one of them. */
function toWorkbooks(field: Field, { changed }: HintEvent, columns: Told['columns']) {
  if (isMemberField(field)) {
    const { idsColumn, rolesColumn } = field.members
    if (!(idsColumn in changed) && !(rolesColumn in changed)) return undefined
    return readWorkbooksValue(field, { ...columns, ...changed })
  }
  return field.workbooks in changed ? readWorkbooksValue(field, changed) : undefined
}

/** The newest time that the events tell and that is not our own write's. */
function newestForeign(events: readonly HintEvent[], ours: number): number {
  const own = events.filter(({ row }) => row === undefined)
  const foreign = own.map(({ updatedAt }) => updatedAt).filter((at) => at !== ours)
  return Math.max(0, ...foreign)
}

import type { System } from '../../../schemas/record-ref.ts'
import { isToldIn, type Field } from '../fields/field.ts'
import { readOutreachValue, toSeconds } from '../fields/record-values.ts'
import { isList, sameValue, type Value } from '../fields/value.ts'
import type { HintEvent } from '../hint.ts'
import { toRoles } from '../members/contacts.ts'
import { rowsOn } from '../members/rows.ts'
import type { OwnPatch, PairMemory, RowWrite } from './memory.ts'
import type { Values } from './merge-fields.ts'

/** Somebody's edit that our PATCH wrote over, as its own echo shows (rulebook 8). */
export type OverwrittenEdit = {
  readonly field: Field
  /** What they had written. */
  readonly lost: Value
  /** What we left there. */
  readonly left: Value
  readonly winner: System
}

type Input = {
  readonly fields: readonly Field[]
  readonly events: readonly HintEvent[]
  readonly memory: PairMemory
  readonly w: Values
  readonly o: Values
}

/**
 * The edits that our own PATCHes overwrote. The echo of a PATCH names the values before it: where they
 * are not what we had read, somebody was in between. They win only while both sides still read what we
 * left there.
 */
export function findOverwrittenEdits(input: Input): readonly OverwrittenEdit[] {
  const { memory, events, fields } = input
  return events.flatMap((event) => {
    const ours = (memory.patches ?? []).filter((patch) => isEchoOf(patch, event, fields))
    // Several of ours may have left this value: if one had read what stood before, the echo is its own.
    if (ours.some((patch) => lostIn(patch, event, fields).length === 0)) return []
    const latest = ours.at(-1)
    return latest === undefined ? [] : editsIn(latest, event, input)
  })
}

/**
 * The patches whose echo has not come yet, or may still come again: a few of the records' own fields, and
 * of each person's rows.
 */
export function keepRecentPatches(
  patches: readonly OwnPatch[],
  nowMs: number,
): readonly OwnPatch[] {
  const recent = patches.filter(({ at }) => nowMs - at < 15 * 60_000)
  return recent.filter((patch, at) => {
    const later = recent.slice(at + 1).filter((one) => toOwner(one) === toOwner(patch))
    return later.length < 5
  })
}

function toOwner({ row, fields }: OwnPatch): string {
  return row === undefined ? '' : Object.keys(fields).join()
}

function isEchoOf(patch: OwnPatch, event: HintEvent, fields: readonly Field[]): boolean {
  // A second change in the same second arrives without updatedAt (outreach-api 1.5).
  const sameSecond = event.updatedAt === 0 || event.updatedAt === toSeconds(patch.updatedAt)
  if (!sameSecond) return false
  if (patch.row !== undefined) return tellsOfRow(patch, patch.row, { event, fields })
  const named = Object.entries(patch.fields).filter(([attribute]) => {
    const field = fields.find(({ outreach }) => outreach === attribute)
    return field !== undefined && isNamed(field, event)
  })
  return (
    named.length > 0 &&
    named.every(([attribute, { left }]) => {
      const field = fields.find(({ outreach }) => outreach === attribute)
      return field !== undefined && sameValue(readOutreachValue(field, toRecord(event)), left)
    })
  )
}

type Told = { readonly event: HintEvent; readonly fields: readonly Field[] }

/** Whether it tells of this very row what we left there: nothing, where we took it away. */
function tellsOfRow(patch: OwnPatch, { id, left }: RowWrite, { event, fields }: Told): boolean {
  const field = fields.find(({ outreach }) => outreach in patch.fields)
  const row = toldRow(field, event.changed, id)
  if (row === undefined) return false
  return row.isGone === true ? left === null : row.role === left
}

function toldRow(field: Field | undefined, told: HintEvent['changed'], id: string) {
  const rows = field?.members === undefined ? [] : rowsOn(told, field.members.rowType)
  return rows?.find((row) => row.id === id)
}

/** The values before our PATCH that it neither read nor left. */
function lostIn(patch: OwnPatch, echo: HintEvent, fields: readonly Field[]) {
  const before = { attributes: echo.before, links: echo.linksBefore }
  return fields.flatMap((field) => {
    const ours = patch.fields[field.outreach]
    // An opt-out asks no clock: whoever set it is not undone.
    if (field.form === 'opt-out') return []
    if (ours === undefined || !isToldIn(field, before) || !isNamed(field, echo)) return []
    if (patch.row !== undefined) return lostInRow({ field, ours, echo, row: patch.row })
    const lost = readOutreachValue(field, before)
    const isOurs = sameValue(lost, ours.read) || sameValue(lost, ours.left)
    return isOurs ? [] : [{ field, ours, lost }]
  })
}

type OfRow = {
  readonly field: Field
  readonly ours: OwnPatch['fields'][string]
  readonly row: RowWrite
  readonly echo: HintEvent
}

/** The same of one row: lost are all roles that the person had with it. */
function lostInRow({ field, ours, row, echo }: OfRow) {
  const role = toldRow(field, echo.before, row.id)?.role ?? row.read
  if (role === row.read || role === row.left) return []
  const others = isList(ours.read) ? ours.read.filter((one) => one !== row.read) : []
  return [{ field, ours, lost: toRoles([...others, role]) }]
}

function editsIn(
  patch: OwnPatch,
  echo: HintEvent,
  { fields, w, o }: Input,
): readonly OverwrittenEdit[] {
  // Where our PATCH did not move it, the edit was made in the second of the PATCH.
  const lostAt = toSeconds(echo.before['updatedAt'] ?? patch.updatedAt)
  return lostIn(patch, echo, fields).flatMap(({ field, ours, lost }) => {
    const oNow = o[field.workbooks] ?? null
    // What stands there again, by our restoring write or by a person, is not lost.
    if (sameValue(lost, oNow)) return []
    const isUntouched = sameValue(oNow, ours.left) && sameValue(w[field.workbooks] ?? null, ours.w)
    const winner = isUntouched ? winnerOf(field, lostAt > ours.sourceTime) : 'workbooks'
    return [{ field, lost, left: ours.left, winner }]
  })
}

function winnerOf({ direction, onConflict }: Field, isLostLater: boolean): System {
  // The other direction of a one-way field is never written (rulebook 8).
  if (direction === 'send') return 'workbooks'
  if (onConflict === 'latest') return isLostLater ? 'outreach' : 'workbooks'
  return onConflict
}

function isNamed(field: Field, event: HintEvent): boolean {
  // What our PATCH cleared is left out of the new values, and stands only among those before.
  return (
    isToldIn(field, toRecord(event)) ||
    isToldIn(field, { attributes: event.before, links: event.linksBefore })
  )
}

function toRecord(event: HintEvent) {
  return { attributes: event.changed, links: event.links }
}

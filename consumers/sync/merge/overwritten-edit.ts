import type { System } from '../../../schemas/record-ref.ts'
import { isToldIn, type Field } from '../fields/field.ts'
import { readOutreachValue, toSeconds } from '../fields/record-values.ts'
import { sameValue, type Value } from '../fields/value.ts'
import type { HintEvent } from '../hint.ts'
import { isMemberField } from '../members/member-values.ts'
import { rowsOn } from '../members/rows.ts'
import type { OwnPatch, PairMemory } from './memory.ts'
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

/** The patches whose echo has not come yet, or may still come again. */
export function keepRecentPatches(
  patches: readonly OwnPatch[],
  nowMs: number,
): readonly OwnPatch[] {
  return patches.filter(({ at }) => nowMs - at < 15 * 60_000).slice(-5)
}

function isEchoOf(patch: OwnPatch, event: HintEvent, fields: readonly Field[]): boolean {
  const named = Object.entries(patch.fields).filter(([attribute]) => {
    const field = fields.find(({ outreach }) => outreach === attribute)
    return field !== undefined && isNamed(field, event)
  })
  if (named.length === 0 || patch.row !== goneRowIn(event, fields)) return false
  // A second change in the same second arrives without updatedAt (outreach-api 1.5).
  const sameSecond = event.updatedAt === 0 || event.updatedAt === toSeconds(patch.updatedAt)
  return (
    sameSecond &&
    named.every(([attribute, { left }]) => {
      const field = fields.find(({ outreach }) => outreach === attribute)
      return field !== undefined && sameValue(readOutreachValue(field, toRecord(event)), left)
    })
  )
}

/** The id of the row whose end an event tells of. */
function goneRowIn({ changed }: HintEvent, fields: readonly Field[]): string | undefined {
  return fields
    .filter(isMemberField)
    .flatMap(({ members }) => rowsOn(changed, members.rowType) ?? [])
    .find(({ isGone }) => isGone === true)?.id
}

/** The values before our PATCH that it neither read nor left. */
function lostIn(patch: OwnPatch, echo: HintEvent, fields: readonly Field[]) {
  const before = { attributes: echo.before, links: echo.linksBefore }
  return fields.flatMap((field) => {
    const ours = patch.fields[field.outreach]
    // An opt-out asks no clock: whoever set it is not undone.
    if (field.form === 'opt-out') return []
    if (ours === undefined || !isToldIn(field, before) || !isNamed(field, echo)) return []
    const lost = readOutreachValue(field, before)
    const isOurs = sameValue(lost, ours.read) || sameValue(lost, ours.left)
    return isOurs ? [] : [{ field, ours, lost }]
  })
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

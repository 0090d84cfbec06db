import type { System } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import { readOutreachValue, toSeconds } from '../fields/record-values.ts'
import { sameValue, type Value } from '../fields/value.ts'
import type { HintEvent } from '../hint.ts'
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
 * The edits that our own PATCHes overwrote, while both sides still read what we left there. The echo of
 * a PATCH names the values before it: where they are not what we had read, somebody was in between.
 */
export function findOverwrittenEdits(input: Input): readonly OverwrittenEdit[] {
  const { memory, events } = input
  return (memory.patches ?? []).flatMap((patch) => {
    const echo = events.find((event) => isEchoOf(patch, event, input.fields))
    return echo === undefined ? [] : editsIn(patch, echo, input)
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
  if (named.length === 0) return false
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

function editsIn(
  patch: OwnPatch,
  echo: HintEvent,
  { fields, w, o }: Input,
): readonly OverwrittenEdit[] {
  const before = { attributes: echo.before, links: echo.linksBefore }
  return fields.flatMap((field) => {
    const ours = patch.fields[field.outreach]
    const wasTold = field.outreach in (field.form === 'owner' ? before.links : before.attributes)
    if (ours === undefined || !wasTold || !isNamed(field, echo)) return []
    const lost = readOutreachValue(field, before)
    const isOurs = sameValue(lost, ours.read) || sameValue(lost, ours.left)
    const isUntouched =
      sameValue(o[field.workbooks] ?? null, ours.left) &&
      sameValue(w[field.workbooks] ?? null, ours.w)
    if (isOurs || !isUntouched) return []
    const lostAt = toSeconds(echo.before['updatedAt'])
    const latest = lostAt > ours.sourceTime ? 'outreach' : 'workbooks'
    const winner = field.onConflict === 'latest' ? latest : field.onConflict
    return [{ field, lost, left: ours.left, winner }]
  })
}

function isNamed(field: Field, event: HintEvent): boolean {
  return field.outreach in (field.form === 'owner' ? event.links : event.changed)
}

function toRecord(event: HintEvent) {
  return { attributes: event.changed, links: event.links }
}

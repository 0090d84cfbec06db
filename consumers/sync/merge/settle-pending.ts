import type { System } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import { isBlank, isList, sameValue, type Value } from '../fields/value.ts'
import type { FieldConflict } from './decide-field.ts'
import type { PairMemory, PendingWrite } from './memory.ts'

type Values = Readonly<Record<string, Value>>

/** A write that had arrived although nobody heard the answer: still to be told. */
export type Arrived = {
  readonly system: System
  /** Those that hold what we sent. */
  readonly fields: readonly string[]
  /**
   * Also those of fields that were edited again: our write may have been in between. And what we sent,
   * where its source has changed since: a person may have written just the same there, and it goes.
   */
  readonly conflicts: readonly FieldConflict[]
}

type Now = { readonly w: Values; readonly o: Values; readonly fields: readonly Field[] }

/** What is known once it is seen which of the writes that were about to leave have arrived. */
export type Settled = { readonly memory: PairMemory; readonly arrived: Arrived | undefined }

/**
 * After a crash between a write and its memory: what the target holds now is agreed where it is what
 * we sent, or its rendering of it. Anything else is left to the merge (rulebook 8).
 */
export function settlePending(memory: PairMemory, now: Now): Settled {
  const { pending, ...rest } = memory
  if (pending === undefined) return { memory, arrived: undefined }
  const { system, conflicts = [] } = pending
  const agreed = { ...memory.agreed }
  const fields: string[] = []
  const told: FieldConflict[] = []
  const side = system === 'outreach' ? now.o : now.w
  const read = Object.entries(pending.fields).filter(([field]) => field in side)
  for (const [field, write] of read) {
    const { from, sent, was, isRestored } = write
    const target = side[field] ?? null
    // Where the target still holds what was read there the write never arrived.
    if (sameValue(target, was) && !sameValue(target, sent)) continue
    told.push(...conflicts.filter((one) => one.field === field))
    if (!isRendering(sent, target)) continue
    fields.push(field)
    if (isRestored === true) continue
    agreed[field] = system === 'outreach' ? { w: from, o: target } : { w: target, o: from }
    told.push(...toDoubted({ system, field, from }, target, now))
  }
  return {
    memory: { ...rest, agreed, ...toUnread(pending, side) },
    arrived: fields.length + told.length === 0 ? undefined : { system, fields, conflicts: told },
  }
}

type Sent = { readonly system: System; readonly field: string; readonly from: Value }

/** What stands at the target is ours, or a person's just like it; the source's new edit goes over it. */
function toDoubted({ system, field, from }: Sent, target: Value, now: Now): FieldConflict[] {
  const [source, winner] =
    system === 'outreach' ? ([now.w, 'workbooks'] as const) : ([now.o, 'outreach'] as const)
  if (!(field in source) || sameValue(source[field] ?? null, from)) return []
  const isBothWays = now.fields.find(({ workbooks }) => workbooks === field)?.direction === 'both'
  return isBothWays ? [{ field, winner, loser: system, losingValue: target }] : []
}

/** Of fields that cannot be read now nothing is known: their writes are still to be looked for. */
function toUnread({ system, fields, conflicts = [] }: PendingWrite, side: Values): Unread {
  const unread = Object.entries(fields).filter(([field]) => !(field in side))
  if (unread.length === 0) return {}
  const pending = { system, fields: Object.fromEntries(unread) }
  const open = conflicts.filter(({ field }) => !(field in side))
  return { pending: open.length === 0 ? pending : { ...pending, conflicts: open } }
}

type Unread = Pick<PairMemory, 'pending'>

/** Systems cut text at round lengths, people shorten names: below this it was a person. */
const shortestCut = 20

/** Whether a target may have made `got` of `sent`: trimmed, cut, or formatted it. */
export function isRendering(sent: Value, got: Value): boolean {
  if (sameValue(sent, got)) return true
  if (isBlank(sent) || isBlank(got)) return isBlank(sent) && isBlank(got)
  if (isList(sent) || isList(got)) return false
  const [one, two] = [bare(sent), bare(got)]
  if (one === '' || two === '') return false
  return one === two || (Array.from(String(got)).length >= shortestCut && one.startsWith(two))
}

/** Letters and digits only: what formatting leaves as it is; it may make a web address whole. */
function bare(value: Value): string {
  return String(value)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '')
}

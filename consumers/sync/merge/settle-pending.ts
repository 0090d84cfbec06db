import type { System } from '../../../schemas/record-ref.ts'
import { isBlank, isList, sameValue, type Value } from '../fields/value.ts'
import type { FieldConflict } from './decide-field.ts'
import type { PairMemory, PendingWrite } from './memory.ts'

type Values = Readonly<Record<string, Value>>

/** A write that had arrived although nobody heard the answer: still to be told. */
export type Arrived = {
  readonly system: System
  /** Those that hold what we sent. */
  readonly fields: readonly string[]
  /** Also those of fields that were edited again: our write may have been in between. */
  readonly conflicts: readonly FieldConflict[]
}

/** What is known once it is seen which of the writes that were about to leave have arrived. */
export type Settled = { readonly memory: PairMemory; readonly arrived: Arrived | undefined }

/**
 * After a crash between a write and its memory: what the target holds now is agreed where it is what
 * we sent, or its rendering of it. Anything else is left to the merge (rulebook 8).
 */
export function settlePending(memory: PairMemory, now: { w: Values; o: Values }): Settled {
  const { pending, ...rest } = memory
  if (pending === undefined) return { memory, arrived: undefined }
  const { system, conflicts = [] } = pending
  const agreed = { ...memory.agreed }
  const fields: string[] = []
  const overwritten: string[] = []
  const side = system === 'outreach' ? now.o : now.w
  const read = Object.entries(pending.fields).filter(([field]) => field in side)
  for (const [field, { from, sent, was, isRestored }] of read) {
    const target = side[field] ?? null
    // Where the target still holds what was read there the write never arrived.
    if (sameValue(target, was) && !sameValue(target, sent)) continue
    overwritten.push(field)
    if (!isRendering(sent, target)) continue
    fields.push(field)
    if (isRestored === true) continue
    agreed[field] = system === 'outreach' ? { w: from, o: target } : { w: target, o: from }
  }
  const told = conflicts.filter(({ field }) => overwritten.includes(field))
  return {
    memory: { ...rest, agreed, ...toUnread(pending, side) },
    arrived: fields.length + told.length === 0 ? undefined : { system, fields, conflicts: told },
  }
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

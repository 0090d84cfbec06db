import {
  provesNothingDone,
  Refused,
  RecordGone,
  TooLate,
  UnknownAnswer,
} from '../../../clients/errors.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { Pair } from '../../../state/pairs.ts'
import { isLink, isListElement } from '../fields/field.ts'
import {
  readOutreachValue,
  readWorkbooksValue,
  toSeconds,
  toText,
} from '../fields/record-values.ts'
import type { Value } from '../fields/value.ts'
import { isMemberField, toMemberColumns, type MemberField } from '../members/member-values.ts'
import { linkOfMember } from '../members/members-memory.ts'
import type { Agreed } from '../merge/decide-field.ts'
import { type OwnPatch, type PairMemory, withoutPending } from '../merge/memory.ts'
import { keepRecentPatches } from '../merge/overwritten-edit.ts'
import { keepMemory } from './keep-pair.ts'
import { toPendingPatch, toPendingUpdate, valueIn } from './to-pending.ts'
import { notePatched } from './note-records.ts'
import type { PairMerge } from './merge-pair.ts'
import { toOutreachWrite, toWorkbooksColumns } from './wire-writes.ts'
import { isWorthAnotherLook, mustHold, type SyncDeps, type Work } from './work.ts'

/** How a write of one side went; `memory` is what is known after it. */
export type Write =
  | { readonly kind: 'written'; readonly memory: PairMemory }
  | {
      readonly kind: 'again'
      readonly why: string
      readonly memory: PairMemory
      readonly isLate?: boolean
      readonly done?: readonly string[]
    }
  | {
      readonly kind: 'refused'
      readonly message: string
      readonly memory: PairMemory
      /** What the answer points at, in the target's names. */
      readonly names: readonly string[]
      /** The fields that were written before, where one at a time is; to be told. */
      readonly done?: readonly string[]
    }

/** No PATCH leaves on a read older than this, a list on one older than a second (rulebook 8). */
export const freshMs = 5_000
const freshListMs = 1_000

/** PATCHes what is to be sent. What is sent is remembered before, what the answer says afterwards. */
export async function writeOutreachFields(
  deps: SyncDeps,
  work: Work,
  merge: PairMerge,
): Promise<Write> {
  const { merged, o, pair } = merge
  const names = Object.keys(merged.send)
  const fields = work.kind.fields.filter(({ workbooks }) => names.includes(workbooks))
  const write = toOutreachWrite(fields, merged.send, o.attributes)
  const before: PairMemory = { ...withSeen(merge), pending: toPendingPatch(merge, fields, write) }
  await remember(deps, work, { pair, memory: before })
  const hasList = fields.some(isListElement)
  const notAfter = o.readAt + (hasList ? freshListMs : freshMs)
  try {
    mustHold(work)
    work.calls.count += 1
    const record = { type: work.kind.outreach.type, id: o.id }
    const answer = await deps.outreach.update(record, write, { ...work.call, notAfter })
    notePatched(work, { read: o, write, answer })
    return { kind: 'written', memory: afterPatch(deps, { work, merge, answer }) }
  } catch (error) {
    const failed = failedWrite(error, work, { memory: before, settled: withSeen(merge) })
    if (failed !== undefined) return failed
    // Nothing was carried out: what was about to be sent must not be looked for.
    if (provesNothingDone(error)) {
      await remember(deps, work, { pair, memory: withSeen(merge) })
    }
    throw error
  }
}

type Patched = { readonly work: Work; readonly merge: PairMerge; readonly answer: OutreachRecord }

function afterPatch({ now }: Pick<SyncDeps, 'now'>, { work, merge, answer }: Patched): PairMemory {
  const { merged, values, memory } = merge
  const agreed: Record<string, Agreed> = { ...merged.agreed }
  const patched: Record<string, OwnPatch['fields'][string]> = {}
  for (const field of work.kind.fields) {
    const name = field.workbooks
    const sent = merged.send[name]
    if (sent === undefined) continue
    const left = saysOf(field.outreach, answer) ? readOutreachValue(field, answer) : sent
    const isRestored = name in merged.receive
    const w = valueIn(name, merged.receive, values.w)
    // A restored edit is on its way to Workbooks as well: until that answer it is a change of Outreach.
    if (!isRestored) agreed[name] = { w, o: left }
    const read = values.o[name] ?? null
    patched[field.outreach] = { read, left, w, sourceTime: merge.sourceTimeOf(name) }
  }
  const updatedAt = toText(answer.attributes['updatedAt']) ?? ''
  const patch: OwnPatch = { at: now(), updatedAt, fields: patched }
  return {
    ...withSeen(merge),
    agreed,
    patches: [...keepRecentPatches(memory.patches ?? [], now()), patch],
    ourTimes: { ...memory.ourTimes, outreach: toSeconds(updatedAt) },
  }
}

function saysOf(name: string, { attributes, links }: OutreachRecord): boolean {
  return name in attributes || name in links
}

/** Writes the changed columns, and `extra` ones, with the current `lock_version`. */
export async function writeWorkbooksFields(
  deps: SyncDeps,
  work: Work,
  {
    merge,
    memory,
    extra,
  }: {
    readonly merge: PairMerge
    readonly memory: PairMemory
    readonly extra: Readonly<Record<string, unknown>>
  },
): Promise<Write> {
  const { merged, w, pair } = merge
  const before: PairMemory = { ...memory, pending: toPendingUpdate(merge) }
  await remember(deps, work, { pair, memory: before })
  mustHold(work)
  work.calls.count += 1
  const columns = {
    ...toWorkbooksColumns(deps.owners, work.kind, merged.receive),
    ...toMemberColumns(work.kind.fields, merged.receive, w.columns),
    ...extra,
  }
  const row = { kind: 'update', id: w.id, lockVersion: w.lockVersion, columns } as const
  const answer = await work.records.writeWorkbooks(row, work.call).catch(async (error: unknown) => {
    if (provesNothingDone(error)) {
      await remember(deps, work, { pair, memory })
    }
    throw error
  })
  switch (answer.kind) {
    case 'written':
      return { kind: 'written', memory: afterUpdate({ work, merge, memory, answer }) }
    case 'refused':
      return { kind: 'refused', message: answer.message, memory, names: answer.columns }
    case 'stale':
    case 'unseen':
      return { kind: 'again', why: `Workbooks answered "${answer.kind}"`, memory }
    case 'unanswered':
      return { kind: 'again', why: answer.error.message, memory: before }
    default:
      return answer satisfies never
  }
}

type Updated = {
  readonly work: Work
  readonly merge: PairMerge
  readonly memory: PairMemory
  readonly answer: {
    readonly lockVersion: number
    readonly columns: Readonly<Record<string, unknown>>
  }
}

function afterUpdate({ work, merge, memory, answer }: Updated): PairMemory {
  const { merged, values } = merge
  const agreed: Record<string, Agreed> = { ...memory.agreed }
  for (const field of work.kind.fields) {
    const name = field.workbooks
    const written = merged.receive[name]
    if (written === undefined) continue
    // An update's answer has only what really changed: a column it leaves out is as it was before.
    const asked = isLink(field) ? written : (values.w[name] ?? null)
    const w = name in answer.columns ? readWorkbooksValue(field, answer.columns) : asked
    const o = valueIn(name, merged.send, values.o)
    agreed[name] = isMemberField(field) ? toMember(field, { merge, answer, o }) : { w, o }
  }
  const updated = toSeconds(answer.columns['updated_at'])
  return {
    ...memory,
    agreed,
    lockVersion: answer.lockVersion,
    ourTimes: { ...memory.ourTimes, ...(updated > 0 ? { workbooks: updated } : {}) },
  }
}

/** Both columns stand for a person: one that the answer leaves out is as it was before. */
function toMember(
  field: MemberField,
  { merge, answer, o }: Pick<Updated, 'merge' | 'answer'> & { readonly o: Value },
): Agreed {
  const w = readWorkbooksValue(field, { ...merge.w.columns, ...answer.columns })
  return { w, o, ...linkOfMember(field) }
}

/** Everything known before a write, with the unsettled changes' times. */
function withSeen({ memory, merged, w }: PairMerge): PairMemory {
  return {
    ...withoutPending(memory),
    agreed: merged.agreed,
    seen: merged.seen,
    lockVersion: w.lockVersion,
  }
}

function failedWrite(
  error: unknown,
  work: Work,
  { memory, settled }: { readonly memory: PairMemory; readonly settled: PairMemory },
): Write | undefined {
  if (error instanceof TooLate || error instanceof RecordGone) {
    const isLate = error instanceof TooLate
    return { kind: 'again', why: error.message, memory: settled, isLate }
  }
  if (error instanceof UnknownAnswer) return { kind: 'again', why: error.message, memory }
  if (error instanceof Refused) {
    return isWorthAnotherLook(work, error)
      ? { kind: 'again', why: error.message, memory: settled }
      : { kind: 'refused', message: error.message, memory: settled, names: error.fields }
  }
  return undefined
}

type Remembered = { readonly pair: Pair; readonly memory: PairMemory }

/** Before a write leaves: what it is about to do. */
export async function remember(
  deps: SyncDeps,
  work: Work,
  { pair, memory }: Remembered,
): Promise<void> {
  mustHold(work)
  await deps.store.write(keepMemory(work.kind, { pair, memory }, deps.now()))
}

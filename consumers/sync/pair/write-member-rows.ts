import {
  provesNothingDone,
  RecordGone,
  Refused,
  SetupFault,
  TooLate,
  UnknownAnswer,
} from '../../../clients/errors.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { toText } from '../fields/record-values.ts'
import { isList, type Value } from '../fields/value.ts'
import { toRoles } from '../members/contacts.ts'
import { isMemberField, type MemberField } from '../members/member-values.ts'
import { linkOfMember } from '../members/members-memory.ts'
import { afterStep, planRows, rowsOn, type Row, type RowStep } from '../members/rows.ts'
import {
  withoutPending,
  type OwnPatch,
  type PairMemory,
  type PendingWrite,
  type RowWrite,
} from '../merge/memory.ts'
import { keepRecentPatches } from '../merge/overwritten-edit.ts'
import { keepMemory } from './keep-pair.ts'
import { toConflictOutcomes, toDone } from './merge-outcomes.ts'
import type { PairMerge } from './merge-pair.ts'
import { settle } from './settle.ts'
import { isWorthAnotherLook, mustHold, type SyncDeps, type Work } from './work.ts'
import { freshMs, remember, type Write } from './write-pair-fields.ts'

type Standing = Pick<Row, 'id' | 'role'>

type Writing = { readonly merge: PairMerge; readonly memory: PairMemory }

/** Whether what is to be sent of a field goes into rows of its own. */
export function goesIntoRows({ kind }: Pick<Work, 'kind'>, name: string): boolean {
  return kind.fields.some((field) => field.workbooks === name && isMemberField(field))
}

/**
 * Makes, changes and removes people's rows, one call each: what a call is about to do is remembered before
 * it, what it did with the next one, so that whatever breaks off in between is told from an edit. A conflict
 * is told as soon as a call has decided it; whom an unfinished `Write` has done is left to be told.
 */
export async function writeMemberRows(
  deps: SyncDeps,
  work: Work,
  { merge, memory }: Writing,
): Promise<Write> {
  let known = withoutPending(memory)
  let done: readonly string[] = []
  for (const field of work.kind.fields.filter(isMemberField)) {
    const wanted = merge.merged.send[field.workbooks]
    if (wanted === undefined) continue
    const write = await writeMember(deps, work, { merge, memory: known, field, wanted, done })
    if (write.kind !== 'written') return { ...write, done }
    known = write.memory
    done = [...done, field.workbooks]
  }
  return { kind: 'written', memory: known }
}

type OfOne = Writing & {
  readonly field: MemberField
  readonly wanted: Value
  /** Names of the people before this one. */
  readonly done: readonly string[]
}

async function writeMember(deps: SyncDeps, work: Work, one: OfOne): Promise<Write> {
  const { merge, field, wanted } = one
  const rows = rowsOn(merge.o.attributes, field.members.rowType) ?? []
  let standing: readonly Standing[] = rows.filter(
    ({ member }) => member === field.member.outreachId,
  )
  const steps = planRows(standing, isList(wanted) ? wanted : [])
  let known = steps.length === 0 ? withRows(one, standing, true) : one.memory
  if (steps.length === 0) await tellConflict(deps, work, { ...one, memory: known })
  for (const [at, step] of steps.entries()) {
    // Rows have no versions: what was read too long ago may have been edited since (rulebook 8).
    if (deps.now() > merge.o.readAt + freshMs) {
      return { kind: 'again', why: 'its rows were read too long ago', memory: known, isLate: true }
    }
    const isLast = at === steps.length - 1
    const now = { ...one, memory: known }
    const made = await tryStep(deps, work, { now, standing, step, isFirst: at === 0, isLast })
    if (made.kind !== 'made') return made.write
    const after = afterStep(standing, step, toStanding(field, made.row))
    known = withPatch(deps, {
      now: { ...now, memory: withRows(now, after, isLast) },
      standing,
      after,
      step,
      row: made.row,
    })
    if (at === 0) await tellConflict(deps, work, { ...one, memory: known })
    standing = after
  }
  return { kind: 'written', memory: known }
}

/** With the first call that was made: what follows finds both sides agreed, and no conflict (rulebook 8). */
async function tellConflict(deps: SyncDeps, work: Work, now: OfOne): Promise<void> {
  const { merge, memory, field } = now
  const of = (name: string) => name === field.workbooks
  const outcomes = toConflictOutcomes(deps, work, { merge, of })
  if (outcomes.length === 0) return
  await settle(deps, work, {
    outcomes,
    statements: keepMemory(work.kind, { pair: merge.pair, memory }, deps.now()),
  })
}

type Step = {
  readonly now: OfOne
  readonly standing: readonly Standing[]
  readonly step: RowStep
  readonly isFirst: boolean
  readonly isLast: boolean
}

type Made =
  | { readonly kind: 'made'; readonly row: OutreachRecord | undefined }
  | { readonly kind: 'failed'; readonly write: Write }

async function tryStep(deps: SyncDeps, work: Work, asked: Step): Promise<Made> {
  const { merge, memory, done } = asked.now
  const { pair } = merge
  const before = { ...memory, pending: toPendingStep(asked) }
  await remember(deps, work, { pair, memory: before })
  try {
    mustHold(work)
    work.calls.count += 1
    const row = await callFor(deps, work, asked)
    await work.records.rowsWereWritten()
    return { kind: 'made', row }
  } catch (error) {
    // Only a right that is missing is about everybody's rows.
    if (error instanceof SetupFault && error.status === 403) {
      await work.records.leaveRowsAlone(`${error.message} ${error.mend}`)
      return { kind: 'failed', write: { kind: 'again', why: error.message, memory } }
    }
    const write = toFailedStep(error, work, { asked, before })
    if (write !== undefined) return { kind: 'failed', write }
    // Nothing was carried out: what was about to be done must not be looked for.
    if (provesNothingDone(error)) {
      const statements = keepMemory(work.kind, { pair, memory }, deps.now())
      await settle(deps, work, { outcomes: toDone(deps, work, { merge, done }), statements })
    }
    throw error
  }
}

type Failed = { readonly asked: Step; readonly before: PairMemory }

function toFailedStep(error: unknown, work: Work, { asked, before }: Failed): Write | undefined {
  const { memory, field } = asked.now
  // The row, or our right to be late, is gone: whatever stands there now is read again.
  if (error instanceof RecordGone || error instanceof TooLate) {
    return { kind: 'again', why: error.message, memory, isLate: error instanceof TooLate }
  }
  if (error instanceof UnknownAnswer) return { kind: 'again', why: error.message, memory: before }
  if (!(error instanceof Refused)) return undefined
  const { message, ids, fields } = error
  if (isWorthAnotherLook(work, error)) return { kind: 'again', why: message, memory }
  const isPerson = ids.includes('resourceNotFound') || fields.includes(field.members.memberLink)
  return { kind: 'refused', message, memory, names: isPerson ? [field.outreach] : [] }
}

async function callFor(
  { outreach }: SyncDeps,
  { call }: Work,
  { now: { field, merge }, step }: Step,
): Promise<OutreachRecord | undefined> {
  const { members, member } = field
  const type = members.rowType
  const notAfter = merge.o.readAt + freshMs
  switch (step.kind) {
    case 'change': {
      const values = { attributes: { [members.roleAttribute]: toWireRole(step.role) } }
      return outreach.update({ type, id: step.id }, values, { ...call, notAfter })
    }
    case 'add': {
      const links = {
        [members.ownerLink]: { type: merge.o.type, id: merge.o.id },
        [members.memberLink]: { type: members.outreachType, id: member.outreachId ?? '' },
      }
      const attributes = { [members.roleAttribute]: toWireRole(step.role) }
      return outreach.create(type, { attributes, links }, { ...call, notAfter })
    }
    case 'remove':
      await outreach.remove({ type, id: step.id }, { ...call, notAfter })
      return undefined
    default:
      return step satisfies never
  }
}

/** Without a word is null there. */
function toWireRole(role: string): string | null {
  return role === '' ? null : role
}

/**
 * One call's own part: until the last of a person both sides are agreed to be what the rows say in between,
 * so that the rest stays a change of Workbooks, and so does taking it back.
 */
function toPendingStep({ now, standing, step, isFirst, isLast }: Step): PendingWrite {
  const { merge, field } = now
  const name = field.workbooks
  const sent = toRoles(afterStep(standing, step).map(({ role }) => role))
  const row = toRowWrite(standing, step)
  const one: PendingWrite['fields'][string] = {
    from: isLast ? wOnceWritten(now) : sent,
    sent,
    was: toRoles(standing.map(({ role }) => role)),
    sourceTime: merge.sourceTimeOf(name),
    ...(name in merge.merged.receive ? { isRestored: true as const } : {}),
    ...(row === undefined ? { makesRow: true as const } : { row }),
  }
  const conflicts = merge.merged.conflicts.filter(({ field: of }) => isFirst && of === name)
  const write = { system: 'outreach', fields: { [name]: one } } as const
  return conflicts.length === 0 ? write : { ...write, conflicts }
}

function wOnceWritten({ merge, field: { workbooks: name } }: OfOne): Value {
  const { receive } = merge.merged
  return (name in receive ? receive[name] : merge.values.w[name]) ?? null
}

/** What is known of the person once a call was answered. */
function withRows(now: OfOne, standing: readonly Standing[], isLast: boolean): PairMemory {
  const { memory, merge, field } = now
  // A restored edit is on its way to Workbooks as well: until that answer it is a change of Outreach.
  if (field.workbooks in merge.merged.receive) return memory
  const o = toRoles(standing.map(({ role }) => role))
  const w = isLast ? wOnceWritten(now) : o
  const agreed = { ...memory.agreed, [field.workbooks]: { w, o, ...linkOfMember(field, standing) } }
  return { ...memory, agreed }
}

type Patched = {
  readonly now: OfOne
  readonly standing: readonly Standing[]
  readonly after: readonly Standing[]
  readonly step: RowStep
  readonly row: OutreachRecord | undefined
}

/** A row as its answer tells it: what the target made of a role is its rendering of ours. */
function toStanding({ members }: MemberField, row: OutreachRecord | undefined) {
  if (row === undefined) return undefined
  return { id: row.id, role: toText(row.attributes[members.roleAttribute]) ?? '' }
}

function toRowWrite(standing: readonly Standing[], step: RowStep): RowWrite | undefined {
  if (step.kind === 'add') return undefined
  const read = standing.find(({ id }) => id === step.id)?.role ?? ''
  return { id: step.id, read, left: step.kind === 'change' ? step.role : null }
}

/** Kept to see in the echo whose edit it overwrote (rulebook 8). */
function withPatch({ now: clock }: Pick<SyncDeps, 'now'>, patched: Patched): PairMemory {
  const { now, standing, after, step, row } = patched
  const { memory, merge, field } = now
  const written = toRowWrite(standing, step)
  // One that we made has overwritten nothing.
  if (written === undefined) return memory
  const at = clock()
  const one = {
    read: toRoles(standing.map(({ role }) => role)),
    left: toRoles(after.map(({ role }) => role)),
    w: wOnceWritten(now),
    sourceTime: merge.sourceTimeOf(field.workbooks),
  }
  const updatedAt = toText(row?.attributes['updatedAt']) ?? ''
  const patch: OwnPatch = {
    ...{ at, updatedAt },
    row: { ...written, left: toStanding(field, row)?.role ?? null },
    fields: { [field.outreach]: one },
  }
  return { ...memory, patches: [...keepRecentPatches(memory.patches ?? [], at), patch] }
}

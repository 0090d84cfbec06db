import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Pair } from '../../../state/pairs.ts'
import {
  readOutreachValue,
  toOutreachValues,
  toSeconds,
  toWorkbooksValues,
} from '../fields/record-values.ts'
import { isToldIn, type Field } from '../fields/field.ts'
import { holdBackMembers } from '../members/hold-back.ts'
import { withAbsentMembers, withoutAbsentMembers } from '../members/members-memory.ts'
import { findUnsureRows, type UnsureRow } from '../members/unsure-rows.ts'
import { sameValue, type Value } from '../fields/value.ts'
import { namesChanges } from '../hint.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { rememberArrived } from '../merge/arrived-write.ts'
import {
  mergeFields,
  type Carrier,
  type Meeting,
  type Merged,
  type Values,
} from '../merge/merge-fields.ts'
import { readMemory, type PairMemory } from '../merge/memory.ts'
import { findOverwrittenEdits } from '../merge/overwritten-edit.ts'
import { settlePending, type Arrived } from '../merge/settle-pending.ts'
import { makeTimeOf } from '../merge/times.ts'
import {
  rememberParents,
  toAbsentMember,
  toNamedParents,
  type NamedParent,
} from '../relations/named-parents.ts'
import { withoutForbidden } from './may-take-part.ts'
import { markUnasked } from './old-pairs.ts'
import { prepareCarriers, type CarrierDeps } from './prepare-carriers.ts'
import type { SyncDeps, Work } from './work.ts'

/** A pair with both records as they are now. */
export type Both = {
  readonly pair: Pair
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
}

/** How a pair is met for the first time (rulebook 3); absent: it is known. */
export type HowMet = {
  /** A pair of the old plug-in that an event of Outreach met before its turn. */
  readonly standsUnlessNamed?: boolean | undefined
  /** Linked by its Outreach Id now, through an event of Outreach: what it names wins. */
  readonly namedFirst?: boolean | undefined
}

/** What a merge of both records wants, and from what. */
export type PairMerge = Both & {
  readonly memory: PairMemory
  /** A write of an earlier try, whose answer was lost. */
  readonly arrived: Arrived | undefined
  /** Rows that an earlier try may have made, and that are not to be seen. */
  readonly unsure: readonly UnsureRow[]
  readonly merged: Merged
  readonly values: { readonly w: Values; readonly o: Values }
  /** Both sides as they are once this is written. */
  readonly after: { readonly w: Values; readonly o: Values }
  readonly parents: readonly NamedParent[]
  readonly sourceTimeOf: (fieldName: string) => number
}

/** Writes nothing, and reads nothing but owners and parents; decides all fields of a pair. */
export async function mergePair(
  deps: CarrierDeps &
    Pick<SyncDeps, 'eventsAbout' | 'now' | 'recordsOf' | 'kindNamed' | 'settings'>,
  work: Work,
  { pair, w, o, standsUnlessNamed = false, namedFirst = false }: Both & HowMet,
): Promise<PairMerge> {
  const { kind, hint } = work
  const values = { w: toWorkbooksValues(kind.fields, w), o: toOutreachValues(kind.fields, o) }
  const kept = readMemory(pair.memory)
  const carrierOf = await prepareCarriers(deps, work, { ...values, agreed: kept.agreed })
  const settled = settlePending(kept, values)
  const unsure = findUnsureRows(kept, values)
  const { arrived } = settled
  const asWritten = { before: kept, settled, fields: kind.fields, w, o }
  const before = rememberArrived({ ...asWritten, nowMs: deps.now() })
  const metAt = toSeconds(w.columns['updated_at'])
  const met = standsUnlessNamed ? { ...before, metAt } : before
  const memory = withAbsentMembers(met, kind.fields)
  // Its own hint decides what stands apart; what we or people write later moves nothing else.
  const connection = deps.settings.connectionOf(kind.name)
  const changedSince = memory.metAt !== undefined && memory.metAt >= connection.workbooks
  const meeting = toMeeting(work, { standsUnlessNamed, namedFirst, changedSince })
  const asked = { fields: kind.fields, carrierOf, ...values, memory, meeting }
  const known = { hint, memory, w, o }
  let timeOf = makeTimeOf(known)
  let merged = mergeFields({ ...asked, timeOf })
  if (merged.conflicts.length > 0) {
    // Only a conflict asks for times, and what waits about the other record may tell them better.
    const other = hint.side === 'outreach' ? workbooksRef(kind, w.id) : outreachRef(kind, o.id)
    timeOf = makeTimeOf({ ...known, others: await deps.eventsAbout(other) })
    merged = mergeFields({ ...asked, timeOf })
  }
  const edits = findOverwrittenEdits({
    fields: kind.fields,
    events: hint.events,
    memory,
    ...values,
  })
  merged = withoutForbidden(work, w, restore(merged, edits, carrierOf))
  const held = await holdBackMembers(deps, work, { merged, agreed: memory.agreed })
  merged = { ...held.merged, agreed: withoutAbsentMembers(held.merged.agreed, kind.fields) }
  const after = {
    w: { ...values.w, ...merged.receive },
    o: { ...values.o, ...merged.send },
  }
  const named = toNamedParents(kind.fields, after, carrierOf)
  const parents = [...markUnasked(named, hint, memory), ...held.ineligible.flatMap(toAbsentMember)]
  return {
    pair,
    w,
    o,
    memory: rememberParents(memory, kind.fields, parents),
    arrived,
    unsure,
    merged,
    values,
    after,
    parents,
    sourceTimeOf: (name) => {
      const field = kind.fields.find(({ workbooks }) => workbooks === name)
      return field === undefined ? 0 : timeOf(field, 'workbooks')
    },
  }
}

/** The restoring write: the one exception to "the records are the truth" (rulebook 8). */
function restore(
  merged: Merged,
  edits: ReturnType<typeof findOverwrittenEdits>,
  carrierOf: (field: Field) => Carrier,
): Merged {
  return edits.reduce<Merged>((so, { field, lost, left, winner }) => {
    const name = field.workbooks
    const losingValue = winner === 'outreach' ? left : lost
    const loser = winner === 'outreach' ? 'workbooks' : 'outreach'
    const conflicts = [...so.conflicts, { field: name, winner, loser, losingValue } as const]
    if (winner === 'workbooks') return { ...so, conflicts }
    const carried = carrierOf(field).asWorkbooks(lost)
    const receive = carried.kind === 'value' ? { ...so.receive, [name]: carried.value } : so.receive
    return { ...so, conflicts, send: { ...so.send, [name]: lost }, receive }
  }, merged)
}

/** By field: the values that the hint's events name as changed in Outreach. */
export function toNamedValues({ kind, hint }: Pick<Work, 'kind' | 'hint'>): Values {
  // Nor does a farewell, though it shows a whole record.
  const events = hint.events.filter(
    (event) => hint.side === 'outreach' && event.action === 'updated' && namesChanges(event),
  )
  const named = kind.fields.flatMap((field) =>
    events
      .filter(({ changed, links }) => isToldIn(field, { attributes: changed, links }))
      .map(({ changed, links }): readonly [string, Value] => {
        return [field.workbooks, readOutreachValue(field, { attributes: changed, links })]
      }),
  )
  return Object.fromEntries(named)
}

function toMeeting(
  { kind, hint }: Work,
  how: Pick<Meeting, 'standsUnlessNamed' | 'namedFirst'> & { readonly changedSince: boolean },
): Meeting {
  return {
    standsUnlessNamed: how.standsUnlessNamed,
    namedFirst: how.namedFirst,
    named: toNamedValues({ kind, hint }),
    // A parent that was linked is no word of this record's own.
    workbooksDecidesApart:
      hint.side === 'workbooks' &&
      how.changedSince &&
      hint.events.some(({ origin }) => origin !== 'relationship'),
  }
}

/** Whether two memories agree on every field, so that nothing needs to be kept. */
export function isSameMemory(one: PairMemory, two: PairMemory): boolean {
  const names = Object.keys(two.agreed)
  return (
    one.pending === undefined &&
    one.lockVersion === two.lockVersion &&
    (one.parents ?? []).join() === (two.parents ?? []).join() &&
    Object.keys(one.agreed).length === names.length &&
    Object.keys(one.seen ?? {}).length === Object.keys(two.seen ?? {}).length &&
    names.every((name) => {
      const [before, after] = [one.agreed[name], two.agreed[name]]
      return (
        before !== undefined &&
        after !== undefined &&
        before.apart === after.apart &&
        sameValue(before.says ?? null, after.says ?? null) &&
        sameValue(before.w, after.w) &&
        sameValue(before.o, after.o)
      )
    })
  )
}

import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { removeIntent } from '../../../state/intents.ts'
import type { Pair } from '../../../state/pairs.ts'
import type { Statement } from '../../../state/state-store.ts'
import {
  isTrue,
  toOutreachValues,
  toSeconds,
  toText,
  toWorkbooksValues,
} from '../fields/record-values.ts'
import type { Value } from '../fields/value.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { expandMembers } from '../members/expand-members.ts'
import type { Agreed } from '../merge/decide-field.ts'
import { printMemory } from '../merge/memory.ts'
import { isRendering } from '../merge/settle-pending.ts'
import { applyMerge } from './apply-merge.ts'
import { claimRecords } from './claim-records.ts'
import { hasOptOut } from './cross-opt-outs.ts'
import { flagDuplicate, skipIneligible } from './flag-record.ts'
import { keepPair } from './keep-pair.ts'
import { noteBoth } from './note-records.ts'
import { rememberAsMet } from './remember-as-met.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { settled, type Step, type SyncDeps, type Work } from './work.ts'

/** What a create was about to send: by field, the source's value and what it became. */
export type IntentContent = Readonly<Record<string, { readonly from: Value; readonly sent: Value }>>

type Link = {
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
  /** Other Workbooks records with the same Outreach Id: flagged, they get no partner. */
  readonly others?: readonly WorkbooksRecord[]
  readonly standsUnlessNamed?: boolean
  readonly namedFirst?: boolean
}

/** Makes two records a pair, then merges them as "just linked" (rulebook 8), or as they stand (3). */
export async function linkPair(deps: SyncDeps, work: Work, link: Link): Promise<Step> {
  const { w, o, others = [] } = link
  const { kind } = work
  const keys = [w, ...others].map(({ id }) => workbooksRef(kind, id))
  if (keys.some((key) => !work.held.has(key))) return { kind: 'widen', keys }
  const claim = await claimRecords(deps, work, { w, outreachId: o.id })
  if (claim.kind === 'widen') return claim.step
  if (claim.kind === 'taken') return tellTaken(deps, work, { w, o, by: claim.by })
  for (const other of others) {
    const flagged = await flagOther(deps, work, { other, keeper: w, o })
    if (flagged.kind !== 'settled') return flagged
  }
  return joinRecords(deps, work, { ...link, ended: claim.statements })
}

async function joinRecords(
  deps: SyncDeps,
  asked: Work,
  link: Link & { readonly ended: readonly Statement[] },
): Promise<Step> {
  const { w, o } = link
  const work = await expandMembers(deps, asked, { w, o })
  const { kind } = work
  const madeFrom = whoMadeWhom(work, w, o)
  const source = madeFrom === 'outreach' ? 'outreach' : 'workbooks'
  const of = { kind: kind.name, source, sourceId: source === 'outreach' ? o.id : w.id } as const
  const agreed = madeFrom === 'neither' ? {} : await agreedByCreate(deps, work, { of, w, o })
  const met = await rememberAsMet(deps, work, link)
  const pair: Pair = {
    kind: kind.name,
    workbooksId: w.id,
    outreachId: o.id,
    status: 'linked',
    closedWhy: null,
    madeFrom,
    idSeen: toText(w.columns[kind.columns.outreachId]) === o.id,
    memory: printMemory({ ...met, agreed: { ...met.agreed, ...agreed } }),
  }
  const statements = [...link.ended, removeIntent(of)]
  noteBoth(work, link)
  const skipped = await skipIneligible(deps, work, {
    record: w,
    outreach: o.id,
    statements: [...statements, ...keepPair(kind, { pair, before: undefined }, deps.now())],
  })
  if (skipped !== undefined) {
    deps.linked()
    return hasOptOut(work, link) ? { kind: 'again', why: 'an opt-out passes the flags' } : skipped
  }
  return applyMerge(deps, work, {
    pair,
    w,
    o,
    statements,
    isNew: true,
    standsUnlessNamed: link.standsUnlessNamed ?? false,
    namedFirst: link.namedFirst ?? false,
    note: `Linked with ${outreachRef(kind, o.id)}.`,
  })
}

/** One of the two has another partner: that one keeps it, nothing is linked (rulebook 4, 6). */
async function tellTaken(
  deps: SyncDeps,
  work: Work,
  { w, o, by }: { readonly w: WorkbooksRecord; readonly o: OutreachRecord; readonly by: Pair },
): Promise<Step> {
  const { kind, hint } = work
  const standing = `${workbooksRef(kind, by.workbooksId)} and ${outreachRef(kind, by.outreachId)} are a pair already, and a record has one partner at most.`
  if (hint.side === 'workbooks' && by.workbooksId !== w.id) {
    return flagDuplicate(deps, work, { record: w, told: { outreach: o.id, reason: standing } })
  }
  await settle(deps, work, {
    outcomes: [
      toOutcome(
        work,
        { outcome: 'duplicate', workbooks: w.id, outreach: o.id, reason: standing },
        deps.now(),
      ),
    ],
  })
  return settled
}

function whoMadeWhom({ kind }: Work, w: WorkbooksRecord, o: OutreachRecord): Pair['madeFrom'] {
  if (toText(o.attributes[kind.reference]) === workbooksRef(kind, w.id)) return 'workbooks'
  const origin = toText(w.columns['created_through_reference'])
  return origin === outreachRef(kind, o.id) ? 'outreach' : 'neither'
}

type Made = {
  readonly of: {
    readonly kind: string
    readonly source: 'workbooks' | 'outreach'
    readonly sourceId: string
  }
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
}

/** A record that we made, and whose answer was lost, began with exactly what was sent (rulebook 8). */
async function agreedByCreate(
  { intents }: SyncDeps,
  { kind }: Work,
  { of, w, o }: Made,
): Promise<Readonly<Record<string, Agreed>>> {
  const intent = await intents.read(of)
  if (intent === undefined) return {}
  // The column holds only what `writeIntent` was given for a create.
  const content = JSON.parse(intent.content) as IntentContent
  const [wNow, oNow] = [toWorkbooksValues(kind.fields, w), toOutreachValues(kind.fields, o)]
  const now = of.source === 'workbooks' ? oNow : wNow
  const sent = Object.entries(content).map(([field, { from, sent }]) => {
    const got = now[field] ?? null
    const made = isRendering(sent, got) ? got : sent
    return [field, of.source === 'workbooks' ? { w: from, o: made } : { w: made, o: from }] as const
  })
  const standing = namesAgainst(kind, { of, w, o }).map(
    (field) => [field, { w: wNow[field] ?? null, o: oNow[field] ?? null }] as const,
  )
  return Object.fromEntries([...sent, ...standing])
}

/**
 * Fields whose one way leads from the record that we made: what it came with, an amount of nothing, is no
 * word about the source, unless somebody has touched it since.
 */
function namesAgainst({ fields }: Work['kind'], { of, w, o }: Made): readonly string[] {
  const [created, updated] =
    of.source === 'workbooks'
      ? [o.attributes['createdAt'], o.attributes['updatedAt']]
      : [w.columns['created_at'], w.columns['updated_at']]
  if (toSeconds(updated) > toSeconds(created)) return []
  const against = of.source === 'workbooks' ? 'receive' : 'send'
  return fields.flatMap(({ workbooks, direction }) => (direction === against ? [workbooks] : []))
}

async function flagOther(
  deps: SyncDeps,
  work: Work,
  {
    other,
    keeper,
    o,
  }: {
    readonly other: WorkbooksRecord
    readonly keeper: WorkbooksRecord
    readonly o: OutreachRecord
  },
): Promise<Step> {
  const { outreachDuplicate } = work.kind.columns
  if (outreachDuplicate !== null && isTrue(other.columns[outreachDuplicate])) {
    return { kind: 'settled' }
  }
  return flagDuplicate(deps, work, {
    record: other,
    told: {
      workbooks: other.id,
      outreach: o.id,
      reason: `${work.kind.name} ${keeper.id} has the same Outreach Id ${o.id}, and a record has one partner at most.`,
    },
  })
}

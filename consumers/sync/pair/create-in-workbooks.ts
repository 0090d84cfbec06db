import { provesNothingDone } from '../../../clients/errors.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksAnswer,
  WorkbooksRecord,
} from '../../../clients/workbooks/workbooks-client.ts'
import { takeBackIntent, type Intent } from '../../../state/intents.ts'
import { readWorkbooksValue, toOutreachValues, toSeconds, toText } from '../fields/record-values.ts'
import { toMatchKey } from '../fields/value.ts'
import { isEligible } from '../kinds/is-eligible.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { expandMembers } from '../members/expand-members.ts'
import { holdBackCarried } from '../members/hold-back.ts'
import { isMemberField, toMemberColumns } from '../members/member-values.ts'
import { linkOfMember } from '../members/members-memory.ts'
import type { Agreed } from '../merge/decide-field.ts'
import { valuesToCreate, type Merged, type Values } from '../merge/merge-fields.ts'
import { toWriteBack } from './write-back.ts'
import { beginCreate, toIntentContent } from './begin-create.ts'
import { endIfDeleted } from './end-if-deleted.ts'
import { flagDuplicate } from './flag-record.ts'
import { keepCreated } from './keep-created.ts'
import { linkPair } from './link-pair.ts'
import { mustLookAgain } from './look-again.ts'
import { mayCreateInWorkbooks } from './may-create-in-workbooks.ts'
import { leftOutSentence } from './merge-outcomes.ts'
import { prepareCarriers } from './prepare-carriers.ts'
import { afterRefusedLink } from './after-refused-link.ts'
import { settle } from './settle.ts'
import { readOutreachIfOld } from './read-if-old.ts'
import { toOutcome } from './to-outcome.ts'
import { toWorkbooksColumns } from './wire-writes.ts'
import { holdingAlso, mustHold, settled, type Step, type SyncDeps, type Work } from './work.ts'

/** No partner by reference or id: looked for by what the kind matches on, then created (rulebook 6). */
export async function createInWorkbooks(
  deps: SyncDeps,
  work: Work,
  o: OutreachRecord,
): Promise<Step> {
  const { kind } = work
  const keys = kind.matching.keysOfOutreach(o).map((key) => `match:${kind.name}:${toMatchKey(key)}`)
  const create = async (held: AbortSignal) => {
    const holding = holdingAlso(work, held)
    const now = await readOutreachIfOld(deps, holding, o)
    return 'kind' in now ? now : searchAndCreate(deps, holding, now)
  }
  return deps.store.exclusively(keys, create, work.call.signal)
}

async function searchAndCreate(deps: SyncDeps, work: Work, o: OutreachRecord): Promise<Step> {
  const { kind } = work
  const of = { kind: kind.name, source: 'outreach', sourceId: o.id } as const
  const [intent, rows] = await Promise.all([deps.intents.read(of), findMatches(work, o)])

  // The one who held this match key before us may have made exactly this record.
  const made = rows.find(({ columns }) => isMadeFrom(work, columns, o))
  if (made !== undefined) return widenTo(work, made) ?? linkPair(deps, work, { w: made, o })
  mustHold(work)
  const later = await mustLookAgain(deps, intent)
  if (later !== undefined) return later
  const deleted = intent && (await endIfDeleted(deps, work, { o, intent }))
  if (deleted !== undefined) return deleted
  const matched = await decideOnMatches(deps, work, { o, rows })
  if (matched !== undefined) return matched

  const refusal = mayCreateInWorkbooks(work, o, deps.settings.connectionOf(kind.name).outreach)
  if (refusal !== undefined) return skip(deps, work, { o, reason: refusal })
  return create(deps, work, { o, before: intent })
}

function isMadeFrom(
  { kind }: Pick<Work, 'kind'>,
  columns: WorkbooksRecord['columns'],
  o: OutreachRecord,
): boolean {
  const outreachId = toText(columns[kind.columns.outreachId])
  const isReferred = toText(columns['created_through_reference']) === outreachRef(kind, o.id)
  return outreachId === o.id || (isReferred && outreachId === undefined)
}

async function findMatches(
  { kind, records, call, calls }: Work,
  o: OutreachRecord,
): Promise<readonly WorkbooksRecord[]> {
  const keys = kind.matching.keysOfOutreach(o)
  calls.count += 1
  const query = { outreachId: o.id, reference: outreachRef(kind, o.id), keys }
  const rows = await records.findInWorkbooks(query, call)
  const wanted = new Set(keys.map(toMatchKey))
  return rows.filter(
    (row) =>
      !row.isDeleted &&
      (isMadeFrom({ kind }, row.columns, o) ||
        kind.matching.keysOfWorkbooks(row).some((key) => wanted.has(toMatchKey(key)))),
  )
}

function widenTo({ kind, held }: Work, { id }: WorkbooksRecord): Step | undefined {
  const key = workbooksRef(kind, id)
  return held.has(key) ? undefined : { kind: 'widen', keys: [key] }
}

type Matches = { readonly o: OutreachRecord; readonly rows: readonly WorkbooksRecord[] }

/** A linked match keeps its partner; an unlinked one is flagged or linked; one nobody asked for is left alone. */
async function decideOnMatches(
  deps: SyncDeps,
  work: Work,
  { o, rows }: Matches,
): Promise<Step | undefined> {
  const { kind } = work
  if (rows.length === 0) return undefined
  const ids = rows.map(({ id }) => id)
  const pairs = await deps.pairs.byRecords(kind.name, 'workbooks', ids)
  const linkedIds = new Set(
    pairs.filter(({ status }) => status === 'linked').map(({ workbooksId }) => workbooksId),
  )
  const isLinked = ({ id, columns }: WorkbooksRecord) =>
    linkedIds.has(id) || toText(columns[kind.columns.outreachId]) !== undefined
  const free = rows.filter((row) => !isLinked(row))
  const eligible = free.filter((row) => isEligible(row, kind.columns).kind === 'eligible')
  const [first] = eligible

  if (first !== undefined && kind.policy.matching === 'link' && rows.length === 1) {
    return widenTo(work, first) ?? linkPair(deps, work, { w: first, o })
  }
  if (first !== undefined) return flagFree(deps, work, { o, rows: eligible })
  const linked = rows.find(isLinked)
  if (linked !== undefined) {
    const reason = `${workbooksRef(kind, linked.id)} has the same ${kind.matching.by} and another partner; nothing is created.`
    return tell(deps, work, { outcome: 'duplicate', workbooks: linked.id, outreach: o.id, reason })
  }
  const named = free.map(({ id }) => workbooksRef(kind, id)).join(', ')
  return skip(deps, work, {
    o,
    reason: `${named} has the same ${kind.matching.by} and is not to be synchronised; it is left alone.`,
  })
}

async function flagFree(deps: SyncDeps, work: Work, { o, rows }: Matches): Promise<Step> {
  const keys = rows.map(({ id }) => workbooksRef(work.kind, id))
  if (keys.some((key) => !work.held.has(key))) return { kind: 'widen', keys }
  for (const record of rows) {
    const reason = `${outreachRef(work.kind, o.id)} has the same ${work.kind.matching.by}. Put its id on the record to link them, or change the ${work.kind.matching.by}, and clear Outreach Duplicate.`
    const flagged = await flagDuplicate(deps, work, {
      record,
      told: { workbooks: record.id, outreach: o.id, reason },
    })
    if (flagged.kind !== 'settled') return flagged
  }
  return settled
}

async function create(
  deps: SyncDeps,
  asked: Work,
  { o, before }: { readonly o: OutreachRecord; readonly before: Intent | undefined },
): Promise<Step> {
  const work = await expandMembers(deps, asked, { o })
  const { kind } = work
  const of = { kind: kind.name, source: 'outreach', sourceId: o.id } as const
  const values = toOutreachValues(kind.fields, o)
  const carrierOf = await prepareCarriers(deps, work, { w: {}, o: values })
  const carried = valuesToCreate({ fields: kind.fields, carrierOf }, { side: 'outreach', values })
  const sent = await holdBackCarried(deps, work, carried)
  const content = JSON.stringify(toIntentContent(sent.values, values))
  const intent = { ...of, at: deps.now(), lookedAt: null, content }
  const othersTurn = await beginCreate(deps, work, { intent, before })
  if (othersTurn !== undefined) return othersTurn
  mustHold(work)
  work.calls.count += 1
  const columns = {
    ...kind.columnsToCreate?.(o),
    ...toWorkbooksColumns(deps.owners, kind, sent.values),
    ...toMemberColumns(kind.fields, sent.values, {}),
    ...kind.entailedColumns?.({ o: values, before: {}, columns: kind.columns }),
    ...toWriteBack(deps.settings.outreachWebUrl, kind, o.id),
    [kind.columns.syncToOutreach]: true,
    created_through_reference: outreachRef(kind, o.id),
  }
  const answer = await work.records
    .writeWorkbooks({ kind: 'create', columns }, work.call)
    .catch(async (error: unknown) => {
      const mayForget = provesNothingDone(error) && !work.signal.aborted
      if (mayForget) await deps.store.write([takeBackIntent(intent)])
      throw error
    })
  if (answer.kind === 'written') return created(deps, work, { o, answer, values, sent })
  if (answer.kind !== 'refused') return { kind: 'again', why: `the create met "${answer.kind}"` }
  mustHold(work)
  await deps.store.write([takeBackIntent(intent)])
  const { columns: names, message } = answer
  const refusal = { system: 'workbooks', names, sent: sent.values, message } as const
  const waits = await afterRefusedLink(deps, work, refusal)
  if (waits !== undefined) return waits
  const reason = `Workbooks refused to create it: ${answer.message}`
  return tell(deps, work, { outcome: 'failed', outreach: o.id, reason })
}

type Created = {
  readonly o: OutreachRecord
  readonly answer: Extract<WorkbooksAnswer, { kind: 'written' }>
  readonly values: Values
  readonly sent: Pick<Merged, 'leftOut'> & { readonly values: Values }
}

async function created(
  deps: SyncDeps,
  work: Work,
  { o, answer, values, sent }: Created,
): Promise<Step> {
  const { kind } = work
  const agreed: Record<string, Agreed> = {}
  for (const field of kind.fields) {
    const name = field.workbooks
    if (sent.leftOut.some((left) => left.field === name)) continue
    const asked = sent.values[name] ?? null
    const column = isMemberField(field) ? field.members.idsColumn : name
    const w = column in answer.columns ? readWorkbooksValue(field, answer.columns) : asked
    const link = isMemberField(field) ? linkOfMember(field) : {}
    agreed[name] = { w, o: values[name] ?? null, ...link }
  }
  const pair = {
    kind: kind.name,
    workbooksId: answer.id,
    outreachId: o.id,
    status: 'linked',
    closedWhy: null,
    madeFrom: 'outreach',
    idSeen: true,
  } as const
  const memory = {
    agreed,
    lockVersion: answer.lockVersion,
    ourTimes: { workbooks: toSeconds(answer.columns['updated_at']) },
  }
  const fields = Object.keys(sent.values)
  const told = { workbooks: answer.id, outreach: o.id, system: 'workbooks', fields } as const
  const reason = leftOutSentence(sent, kind.fields)
  const outcome = toOutcome(work, { outcome: 'created', ...told, reason }, deps.now())
  const w = Object.fromEntries(
    kind.fields.map(({ workbooks: name }) => [name, agreed[name]?.w ?? null]),
  )
  const again = await keepCreated(deps, work, { pair, memory, after: { w, o: values }, outcome })
  return again ?? settled
}

function skip(
  deps: SyncDeps,
  work: Work,
  { o, reason }: { readonly o: OutreachRecord; readonly reason: string },
): Promise<Step> {
  return tell(deps, work, { outcome: 'skipped', outreach: o.id, reason })
}

async function tell(
  deps: SyncDeps,
  work: Work,
  told: Parameters<typeof toOutcome>[1],
): Promise<Step> {
  await settle(deps, work, { outcomes: [toOutcome(work, told, deps.now())] })
  return settled
}

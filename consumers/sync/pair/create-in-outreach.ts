import { provesNothingDone, Refused, UnknownAnswer } from '../../../clients/errors.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { takeBackIntent, type Intent } from '../../../state/intents.ts'
import type { Pair } from '../../../state/pairs.ts'
import {
  readOutreachValue,
  toOutreachValues,
  toSeconds,
  toText,
  toWorkbooksValues,
} from '../fields/record-values.ts'
import { toMatchKey } from '../fields/value.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import type { Agreed } from '../merge/decide-field.ts'
import { hasContacts } from '../members/member-values.ts'
import { valuesToCreate, type Merged, type Values } from '../merge/merge-fields.ts'
import { toWriteBack } from './write-back.ts'
import { beginCreate, toIntentContent } from './begin-create.ts'
import { claimRecords } from './claim-records.ts'
import { findInOutreach } from './find-in-outreach.ts'
import { flagDuplicate, flagError } from './flag-record.ts'
import { keepCreated } from './keep-created.ts'
import { noteOutreach } from './note-records.ts'
import { linkPair } from './link-pair.ts'
import { mustLookAgain } from './look-again.ts'
import { readWorkbooksIfOld } from './read-if-old.ts'
import { leftOutSentence } from './merge-outcomes.ts'
import { prepareCarriers } from './prepare-carriers.ts'
import { afterRefusedLink } from './after-refused-link.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { toOutreachWrite } from './wire-writes.ts'
import {
  holdingAlso,
  isWorthAnotherLook,
  mustHold,
  settled,
  type Step,
  type SyncDeps,
  type Work,
} from './work.ts'

/** No Outreach Id yet: looked for, and created only where nothing like it exists (rulebook 4). */
export async function createInOutreach(
  deps: SyncDeps,
  work: Work,
  w: WorkbooksRecord,
): Promise<Step> {
  const { kind } = work
  if (!kind.policy.createInOutreach) {
    const reason = `It has no Outreach Id, and the configuration creates no ${kind.outreach.type} (createInOutreach).`
    const told = { outcome: 'skipped', workbooks: w.id, reason } as const
    await settle(deps, work, { outcomes: [toOutcome(work, told, deps.now())] })
    return settled
  }
  // A create, with the search before it, excludes others of the same match key in all processes.
  const keys = kind.matching
    .keysOfWorkbooks(w)
    .map((key) => `match:${kind.name}:${toMatchKey(key)}`)
  const create = async (held: AbortSignal) => {
    const holding = holdingAlso(work, held)
    const now = await readWorkbooksIfOld(deps, holding, w)
    return 'kind' in now ? now : searchAndCreate(deps, holding, now)
  }
  return deps.store.exclusively(keys, create, work.call.signal)
}

async function searchAndCreate(deps: SyncDeps, work: Work, w: WorkbooksRecord): Promise<Step> {
  const { kind } = work
  const of = { kind: kind.name, source: 'workbooks', sourceId: w.id } as const
  const intent = await deps.intents.read(of)
  const found = await findInOutreach(deps, work, { w, intent })
  const { matches } = found
  const ours = await whereFree(deps, work, { w, ours: found.ours })
  if (ours?.kind === 'widen') return ours.step
  const partner = ours?.partner ?? (await linkable(deps, work, matches))
  if (partner !== undefined) {
    const keys = [outreachRef(kind, partner.id)]
    if (keys.some((key) => !work.held.has(key))) return { kind: 'widen', keys }
    return linkPair(deps, work, { w, o: partner })
  }
  mustHold(work)
  const later = await mustLookAgain(deps, intent)
  if (later !== undefined) return later
  if (matches.length > 0) return flagMatches(deps, work, { w, matches })
  return create(deps, work, { w, before: intent })
}

/** Our reference, or a former partner, counts unless that record is linked elsewhere (rulebook 6). */
async function whereFree(
  deps: SyncDeps,
  work: Work,
  { w, ours }: { readonly w: WorkbooksRecord; readonly ours: readonly OutreachRecord[] },
): Promise<
  | { readonly kind: 'free'; readonly partner: OutreachRecord }
  | { readonly kind: 'widen'; readonly step: Step }
  | undefined
> {
  for (const partner of ours) {
    const claim = await claimRecords(deps, work, { w, outreachId: partner.id })
    if (claim.kind === 'widen') return claim
    if (claim.kind === 'free') return { kind: 'free', partner }
  }
  return undefined
}

/** A single match may be linked at once where the configuration says so; more than one never is. */
async function linkable(
  deps: SyncDeps,
  { kind, records, call, calls }: Work,
  matches: readonly OutreachRecord[],
): Promise<OutreachRecord | undefined> {
  const [match, second] = matches
  if (kind.policy.matching !== 'link' || match === undefined || second !== undefined)
    return undefined
  calls.count += 1
  const [pairs, rows] = await Promise.all([
    deps.pairs.byRecords(kind.name, 'outreach', [match.id]),
    records.findInWorkbooks({ outreachId: match.id, keys: [] }, call),
  ])
  const isTaken =
    pairs.some(({ status }) => status === 'linked') ||
    rows.some(({ columns }) => toText(columns[kind.columns.outreachId]) === match.id)
  return isTaken ? undefined : match
}

function flagMatches(
  deps: SyncDeps,
  work: Work,
  { w, matches }: { readonly w: WorkbooksRecord; readonly matches: readonly OutreachRecord[] },
): Promise<Step> {
  const { kind } = work
  const named = matches.map(({ id }) => outreachRef(kind, id)).join(', ')
  return flagDuplicate(deps, work, {
    record: w,
    told: {
      outreach: matches.length === 1 ? (matches[0]?.id ?? null) : null,
      reason: `Outreach has the same ${kind.matching.by} already: ${named}. Put its id on the record to link them, or change the ${kind.matching.by}, and clear Outreach Duplicate.`,
    },
  })
}

async function create(
  deps: SyncDeps,
  work: Work,
  { w, before }: { readonly w: WorkbooksRecord; readonly before: Intent | undefined },
): Promise<Step> {
  const { kind } = work
  const of = { kind: kind.name, source: 'workbooks', sourceId: w.id } as const
  const values = toWorkbooksValues(kind.fields, w)
  const carrierOf = await prepareCarriers(deps, work, { w: values, o: {} })
  const carried = valuesToCreate({ fields: kind.fields, carrierOf }, { side: 'workbooks', values })
  const content = toIntentContent(carried.values, values)
  const intent = { ...of, at: deps.now(), lookedAt: null, content: JSON.stringify(content) }
  const othersTurn = await beginCreate(deps, work, { intent, before })
  if (othersTurn !== undefined) return othersTurn
  const answer = await send(deps, work, { w, values: carried.values, intent })
  if ('kind' in answer) return answer
  // All that the answer says is agreed on: it is the record as it was made.
  noteOutreach(work, answer)
  return created(deps, work, { w, o: answer, values, sent: carried })
}

async function send(
  deps: SyncDeps,
  work: Work,
  {
    w,
    values,
    intent,
  }: { readonly w: WorkbooksRecord; readonly values: Values; readonly intent: Intent },
): Promise<OutreachRecord | Step> {
  const { kind, call, calls } = work
  try {
    mustHold(work)
    calls.count += 1
    return await deps.outreach.create(kind.outreach.type, toCreate(work, w, values), call)
  } catch (error) {
    if (error instanceof UnknownAnswer) return { kind: 'again', why: error.message }
    // Whatever else went wrong, the account may have been made: the intent stays, and it is looked for.
    if (!provesNothingDone(error)) throw error
    mustHold(work)
    await deps.store.write([takeBackIntent(intent)])
    if (!(error instanceof Refused)) throw error
    if (isWorthAnotherLook(work, error)) return { kind: 'again', why: error.message }
    const { fields: names, message } = error
    const refusal = { system: 'outreach', names, sent: values, message } as const
    const waits = await afterRefusedLink(deps, work, refusal)
    return waits ?? flagError(deps, work, { record: w, told: { reason: error.message } })
  }
}

function toCreate({ kind }: Work, w: WorkbooksRecord, values: Values) {
  const { attributes, links } = toOutreachWrite(kind.fields, values)
  return { attributes: { ...attributes, [kind.reference]: workbooksRef(kind, w.id) }, links }
}

type Created = {
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
  readonly values: Values
  readonly sent: Pick<Merged, 'leftOut'> & { readonly values: Values }
}

/**
 * The pair first, then Outreach Id and URL: a crash in between repeats the second (rulebook 4). People are
 * related once it is there: as nobody was on it when it was made, whoever is now was added since.
 */
async function created(deps: SyncDeps, work: Work, made: Created): Promise<Step> {
  const { kind } = work
  const { w, o, values, sent } = made
  const agreed: Record<string, Agreed> = {}
  for (const field of kind.fields) {
    const name = field.workbooks
    if (sent.leftOut.some((left) => left.field === name)) continue
    agreed[name] = { w: values[name] ?? null, o: readOutreachValue(field, o) }
  }
  const pair = {
    kind: kind.name,
    workbooksId: w.id,
    outreachId: o.id,
    status: 'linked',
    closedWhy: null,
    madeFrom: 'workbooks',
    idSeen: false,
  } as const
  const memory = {
    agreed,
    lockVersion: w.lockVersion,
    ourTimes: { outreach: toSeconds(o.attributes['updatedAt']) },
  }
  const fields = Object.keys(sent.values)
  const told = { workbooks: w.id, outreach: o.id, system: 'outreach', fields } as const
  const reason = leftOutSentence(sent, kind.fields)
  const outcome = toOutcome(work, { outcome: 'created', ...told, reason }, deps.now())
  const after = { w: values, o: toOutreachValues(kind.fields, o) }
  const again = await keepCreated(deps, work, { pair, memory, after, outcome })
  const written = await writeIdBack(deps, work, { pair, w })
  if (written.kind !== 'settled') return written
  return again ?? (hasContacts(kind.fields, w.columns) ? toBeRelated : written)
}

/** The pair is kept: a crash in between relates them as well (rulebook 7). */
const toBeRelated: Step = { kind: 'again', why: 'its people are to be related', isLate: true }

async function writeIdBack(
  deps: SyncDeps,
  work: Work,
  { pair, w }: { readonly pair: Pick<Pair, 'outreachId'>; readonly w: WorkbooksRecord },
): Promise<Step> {
  mustHold(work)
  work.calls.count += 1
  const columns = toWriteBack(deps.settings.outreachWebUrl, work.kind, pair.outreachId)
  const answer = await work.records.writeWorkbooks(
    { kind: 'update', id: w.id, lockVersion: w.lockVersion, columns },
    work.call,
  )
  if (answer.kind === 'refused') {
    return {
      kind: 'park',
      cause: 'record',
      reason: `Workbooks refused the Outreach Id: ${answer.message}`,
    }
  }
  // Read again: the pair is linked now, and writes what is still missing.
  return answer.kind === 'written'
    ? settled
    : { kind: 'again', why: `the write-back met "${answer.kind}"` }
}

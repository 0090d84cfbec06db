import type { OutreachQuery, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { outreachAttribute, type OutreachType } from '../../../schemas/outreach/attributes.ts'
import type { Intent } from '../../../state/intents.ts'
import { spellings } from '../batching/make-records.ts'
import { toText } from '../fields/record-values.ts'
import { toMatchKey } from '../fields/value.ts'
import { workbooksRef } from '../kinds/kind.ts'
import { isTrashed } from './is-trashed.ts'
import type { IntentContent } from './link-pair.ts'
import type { SyncDeps, Work } from './work.ts'

export type OutreachMatches = {
  /** A former partner, then those with our reference to this very record: made by us, perhaps without an answer. */
  readonly ours: readonly OutreachRecord[]
  readonly matches: readonly OutreachRecord[]
}

type Searched = {
  readonly w: WorkbooksRecord
  /** A create that may have been sent before. */
  readonly intent: Intent | undefined
}

/**
 * Looks for a record's partner before it is created: by our reference, a former partner by its id, then
 * by what the kind matches on (rulebook 4). A filter that Outreach ignores links nobody: results count
 * only where they satisfy the criterion here as well.
 */
export async function findInOutreach(
  deps: SyncDeps,
  work: Work,
  { w, intent }: Searched,
): Promise<OutreachMatches> {
  const { kind, call, calls, records } = work
  const type = kind.outreach.type
  const reference = workbooksRef(kind, w.id)
  const keys = kind.matching.keysOfWorkbooks(w)
  const queries = [
    ...queriesForOurs(kind, { reference, intent }),
    ...keys.flatMap(spellings).flatMap((key) => kind.matching.queriesFor(key)),
  ]
  const former = (await deps.pairs.byRecords(kind.name, 'workbooks', [w.id])).find(
    ({ status, madeFrom }) => status === 'forgotten' && madeFrom !== 'neither',
  )
  calls.count += queries.length + (former === undefined ? 0 : 1)
  const [formerPartner, ...found] = await Promise.all([
    former === undefined ? undefined : records.readOutreach(former.outreachId, call),
    ...queries.map((query) => deps.outreach.search(type, query, call)),
  ])
  const all = [...new Map(found.flat().map((record) => [record.id, record])).values()].filter(
    (record) => !isTrashed(record),
  )
  const wanted = new Set(keys.map(toMatchKey))
  const referred = all.filter((record) => toText(record.attributes[kind.reference]) === reference)
  const isHere = formerPartner?.kind === 'here' && !isTrashed(formerPartner.record)
  return {
    ours: [...(isHere ? [formerPartner.record] : []), ...referred],
    matches: all.filter((record) =>
      kind.matching.keysOfOutreach(record).some((key) => wanted.has(toMatchKey(key))),
    ),
  }
}

/** A lost create may have begun so much earlier, by Outreach's clock (rulebook 4). */
const clocksApartMs = 5 * 60_000

type Ours = { readonly reference: string; readonly intent: Intent | undefined }

/** By our reference; where that cannot be filtered, by what a create whose answer was lost had sent. */
function queriesForOurs(
  { reference: attribute, matching, outreach }: Work['kind'],
  { reference, intent }: Ours,
): readonly OutreachQuery[] {
  // The kinds name only types of that table.
  const type = outreach.type as OutreachType
  if (outreachAttribute(type, attribute)?.filterable === true) {
    return [{ filter: { [attribute]: reference } }]
  }
  if (intent === undefined) return []
  // The column holds only what `writeIntent` was given for a create.
  const content = JSON.parse(intent.content) as IntentContent
  const sent = Object.entries(content).map(([field, { from }]) => [field, from] as const)
  const since = new Date(intent.at - clocksApartMs).toISOString()
  return matching.queriesForLost?.(Object.fromEntries(sent), since) ?? []
}

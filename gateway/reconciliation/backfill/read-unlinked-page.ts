import type { Call } from '../../../clients/call.ts'
import { Refused, SetupFault } from '../../../clients/errors.ts'
import type {
  OutreachClient,
  OutreachPage,
  OutreachQuery,
} from '../../../clients/outreach/outreach-client.ts'
import type { Polling } from '../../../schemas/polling.ts'
import { readRecordRef, toRecordRef } from '../../../schemas/record-ref.ts'
import type { Pairs } from '../../../state/pairs.ts'
import type { Page } from './page.ts'
import { recordsPerPage } from './plan-backfill.ts'
import type { PageAsked } from './read-linked-page.ts'

type Deps = {
  readonly outreach: Pick<OutreachClient, 'page'>
  readonly pairs: Pick<Pairs, 'byRecords'>
}

type Old = {
  /** Epoch seconds, by Outreach's clock: what was created from then on needs no backfill (rulebook 3). */
  readonly connectedAt: number
}

/** Which list, and the `links.next` of the page before, as Outreach gave it. */
type Position = { readonly list: number; readonly next?: string }

/** Old records of Outreach that have no partner, list by list, each in the order of its ids. */
export async function readUnlinkedPage(
  { outreach, pairs }: Deps,
  { polling, position, connectedAt, call }: PageAsked & Old,
): Promise<Page> {
  const at = readPosition(position)
  const filter = polling.createsFrom[at.list]
  const type = typeOf(polling)
  if (filter === undefined || type === undefined) return nothingLeft
  const query = { ...toQuery(type, filter, connectedAt), size: recordsPerPage }
  const page = await pageOrFirst(outreach, { type, query, next: at.next }, call)
  // The filter may be ignored; a record without a time is old.
  const old = page.records.filter(({ attributes }) => !(toSeconds(attributes) >= connectedAt))
  const known = await pairs.byRecords(
    polling.kind,
    'outreach',
    old.map(({ id }) => id),
  )
  const linked = new Set(
    known.filter(({ status }) => status === 'linked').map(({ outreachId }) => outreachId),
  )
  const wanted = old
    .filter(({ id }) => !linked.has(id))
    .map(({ id }) => toRecordRef({ system: 'outreach', type, id }))
    .filter((ref) => readRecordRef(ref) !== undefined)
  const next = nextOf(at, page, polling)
  return {
    wanted,
    looked: page.records.length,
    position: next === undefined ? undefined : JSON.stringify(next),
  }
}

/** How many old records there are, with a partner or without; null where Outreach does not say. */
export async function countOld(
  { outreach }: Pick<Deps, 'outreach'>,
  { polling, connectedAt, call }: Omit<PageAsked, 'position'> & Old,
): Promise<number | null> {
  const type = typeOf(polling)
  if (type === undefined) return 0
  let sum = 0
  for (const filter of polling.createsFrom) {
    const query = { ...toQuery(type, filter, connectedAt), size: 1, isCounted: true }
    const { count } = await outreach.page(type, query, call)
    if (count === undefined) return null
    sum += count
  }
  return sum
}

const nothingLeft: Page = { wanted: [], looked: 0, position: undefined }

function readPosition(text: string): Position {
  // The column holds only what was printed here.
  return text === '' ? { list: 0 } : (JSON.parse(text) as Position)
}

function typeOf({ outreach }: Polling): string | undefined {
  return outreach.find(({ about }) => about === undefined)?.type
}

function toQuery(
  type: string,
  filter: Readonly<Record<string, string>>,
  connectedAt: number,
): OutreachQuery {
  const until = new Date(connectedAt * 1_000 - 1).toISOString()
  return {
    filter: { ...filter, createdAt: `neginf..${until}` },
    sort: 'id',
    fields: { [type]: ['createdAt'] },
  }
}

type Asked = {
  readonly type: string
  readonly query: OutreachQuery
  readonly next: string | undefined
}

/** A cursor that Outreach takes no more, after days of rest: the list begins again, linked ones cost nothing. */
async function pageOrFirst(
  outreach: Deps['outreach'],
  { type, query, next }: Asked,
  call: Call,
): Promise<OutreachPage> {
  if (next === undefined) return outreach.page(type, query, call)
  try {
    return await outreach.page(type, { ...query, next }, call)
  } catch (error) {
    if (!(error instanceof Refused || error instanceof SetupFault)) throw error
    return outreach.page(type, query, call)
  }
}

function nextOf(
  { list, next }: Position,
  page: OutreachPage,
  { createsFrom }: Polling,
): Position | undefined {
  // A page that leads back to itself ends the list.
  if (page.next !== undefined && page.next !== next) return { list, next: page.next }
  return list + 1 < createsFrom.length ? { list: list + 1 } : undefined
}

function toSeconds({ createdAt }: Readonly<Record<string, unknown>>): number {
  return typeof createdAt === 'string' ? Date.parse(createdAt) / 1_000 : Number.NaN
}

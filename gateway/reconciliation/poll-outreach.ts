import type { Call } from '../../clients/call.ts'
import { isCallError, SystemAway } from '../../clients/errors.ts'
import type {
  OutreachClient,
  OutreachPage,
  OutreachQuery,
} from '../../clients/outreach/outreach-client.ts'
import type { PolledResource } from '../../schemas/polling.ts'
import type { Statement } from '../../state/state-store.ts'
import type { Versions } from '../../state/versions.ts'
import { toIsoTime } from '../to-iso-time.ts'
import { onlyNewRecords, timeOfRecord, toFoundRecords } from './find-records.ts'
import type { PublishFound } from './make-publish-found.ts'
import type { Polled } from './poll-workbooks.ts'
import { overlapSeconds, type TheirClock } from './their-clock.ts'
import { floorAfter, walkAfter, type PageRead, type Progress, type Walk } from './walk.ts'

/** How far one list of Outreach was asked for. */
export type OutreachPosition = Progress & {
  /** The interval of Outreach in which it was last read to its end. */
  readonly round: number
  /** The interval in which it was refused, where that is all that was heard of it since. */
  readonly refusedIn?: number
  /** More changed than was read in one interval; `next` is the link to its next page. */
  readonly walk?: Walk & { readonly next?: string }
}

export type PollOutreachDeps = {
  readonly outreach: Pick<OutreachClient, 'page'>
  readonly versions: Versions
  readonly publishFound: PublishFound
  readonly clock: TheirClock
  readonly traceparent: () => string
  readonly now: () => number
  /** Records a page, and pages in one interval; less where a test wants many pages. */
  readonly sizes?: { readonly records: number; readonly pages: number }
}

export type PollList = {
  readonly resource: PolledResource
  readonly position: OutreachPosition
  /** This interval of Outreach. */
  readonly round: number
  /** The statement that keeps this position. */
  readonly keep: (position: OutreachPosition) => Statement
  readonly call: Call
}

/** Larger pages fail in practice (outreach-api 8); a gap of days is caught up over several intervals. */
const usualSizes = { records: 200, pages: 40 }

/**
 * Finds what changed in one list of Outreach, in the order of its changes: in one call where that is
 * not more than a page. Rejects where a system, the log or the state is away; what was found is kept.
 */
export async function pollOutreach(deps: PollOutreachDeps, asked: PollList): Promise<Polled> {
  const { outreach, versions, publishFound, clock, traceparent, now } = deps
  const { sizes = usualSizes } = deps
  const { resource, keep, round, call } = asked
  const { floor } = asked.position
  const { walk: begun = { time: floor, isFinal: true } } = asked.position
  const polled = { pages: 0, found: 0 }
  const queryFrom = (time: number) => ({ ...toQuery(resource, time), size: sizes.records })

  async function readPage(walk: Walk & { next?: string }): Promise<OutreachPage> {
    polled.pages += 1
    const { next } = walk
    if (next === undefined) return outreach.page(resource.type, queryFrom(walk.time), call)
    try {
      return await outreach.page(resource.type, { next }, call)
    } catch (error) {
      if (error instanceof SystemAway || !isCallError(error)) throw error
      // A link that is refused has had its day: the time is known as well.
      polled.pages += 1
      return outreach.page(resource.type, queryFrom(walk.time), call)
    }
  }

  /** How far their clock was for certain; on a long way, as nothing was seen of it yet, it is asked. */
  async function reachedAt(page: OutreachPage, before: number): Promise<number> {
    const latest = Math.max(before, clock.saw(page.records.map(timeOfRecord)))
    const [first] = page.records
    if (page.next === undefined || before !== Number.NEGATIVE_INFINITY || first === undefined) {
      return latest
    }
    polled.pages += 1
    const query = { ...queryFrom(floor), sort: '-updatedAt', size: 1 }
    const { records } = await outreach.page(resource.type, query, call)
    const newest = clock.saw(records.map(timeOfRecord))
    return Math.max(latest, newest - Math.ceil((now() - first.readAt) / 1000))
  }

  let position: OutreachPosition = { ...asked.position, walk: begun }
  // What changed behind a walk that an earlier interval began is found in this one too.
  let again = asked.position.walk !== undefined
  for (let left = sizes.pages; left > 0; left -= 1) {
    if (position.walk === undefined && again) {
      again = false
      position = { ...position, walk: { time: position.floor, isFinal: true } }
    }
    const { walk } = position
    if (walk === undefined) break
    call.signal?.throwIfAborted()
    const before = clock.reached()
    const page = await readPage(walk)
    const times = page.records.map(timeOfRecord)
    const reached = await reachedAt(page, before)
    const upTo = page.next === undefined ? undefined : (times.at(-1) ?? walk.time)
    const read = { upTo, finalUntil: reached - overlapSeconds }
    position = afterPage(position, { walk, read, next: page.next, round })
    const news = await onlyNewRecords(versions, resource, page.records)
    const found = toFoundRecords(resource, news, { foundAt: now(), traceparent })
    await publishFound(found, [keep(position)])
    polled.found += found.length
  }
  return polled
}

type Read = {
  readonly walk: Walk
  readonly read: PageRead
  readonly next: string | undefined
  readonly round: number
}

/** The position, one page further; at the end of the list its round is over. */
export function afterPage(
  position: OutreachPosition,
  { walk, read, next, round }: Read,
): OutreachPosition {
  const floor = floorAfter(position, walk, read)
  const further = walkAfter(walk, read)
  if (further === undefined) return { floor, round }
  const link = next === undefined ? {} : { next }
  return { floor, round: position.round, walk: { ...further, ...link } }
}

function toQuery(resource: PolledResource, from: number): OutreachQuery {
  const { type, attributes, links, filter, about } = resource
  const named = about === undefined ? [] : [about.link]
  const names = [...attributes, ...links, ...named, 'createdAt', 'updatedAt']
  return {
    filter: { ...filter, updatedAt: `${toIsoTime(from * 1000) ?? 'neginf'}..inf` },
    sort: 'updatedAt',
    fields: { [type]: [...new Set(names)] },
  }
}

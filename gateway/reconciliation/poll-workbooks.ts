import type { Call } from '../../clients/call.ts'
import { isCallError } from '../../clients/errors.ts'
import type { WorkbooksClient, WorkbooksRecord } from '../../clients/workbooks/workbooks-client.ts'
import type { Polling } from '../../schemas/polling.ts'
import type { Statement } from '../../state/state-store.ts'
import type { Versions } from '../../state/versions.ts'
import { isUnlinked, onlyNews, timeOfRow, toFoundRow, type NewRow } from './find-rows.ts'
import type { PublishFound } from './make-publish-found.ts'
import { overlapSeconds, type TheirClock } from './their-clock.ts'
import { rowsPerPage, toWorkbooksQuery, type Rows } from './workbooks-query.ts'
import {
  afterChanged,
  afterNewest,
  afterStanding,
  type RowPage,
  type WorkbooksPosition,
} from './workbooks-position.ts'

export type PollWorkbooksDeps = {
  readonly workbooks: Pick<WorkbooksClient, 'page'>
  readonly versions: Versions
  readonly publishFound: PublishFound
  readonly clock: TheirClock
  readonly traceparent: () => string
  readonly now: () => number
  /** Rows a page, and pages of each sort in one interval; less where a test wants many pages. */
  readonly sizes?: { readonly rows: number; readonly pages: number }
}

export type PollRows = {
  readonly polling: Polling
  readonly position: WorkbooksPosition
  /** The statement that keeps this position. */
  readonly keep: (position: WorkbooksPosition) => Statement
  readonly call: Call
}

export type Polled = { readonly pages: number; readonly found: number }

/** A gap of days is caught up over several intervals, what is new goes first. */
const usualSizes = { rows: rowsPerPage, pages: 60 }

/** Unlinked rows found together, beyond which they go in the lowest lane (rulebook 3). */
const mostAtOnce = 200

/**
 * Finds what changed in one controller, or stands without an Outreach Id: in one call where that is not
 * more than a page. Rejects where a system, the log or the state is away; what was found is kept.
 */
export async function pollWorkbooks(deps: PollWorkbooksDeps, asked: PollRows): Promise<Polled> {
  const { polling, call } = asked
  const { sizes = usualSizes } = deps
  let { position } = asked
  let pages = 0
  const group = makeGroup(deps, asked)

  async function read(rows: Rows): Promise<{ rows: readonly WorkbooksRecord[]; page: RowPage }> {
    const reached = deps.clock.reached()
    const query = toWorkbooksQuery(polling.workbooks, rows, sizes.rows)
    const found = await deps.workbooks.page(polling.workbooks.controller, query, call)
    pages += 1
    const latest = deps.clock.saw(found.map(timeOfRow))
    const last = found.length < sizes.rows ? undefined : found.at(-1)
    return {
      rows: found,
      page: {
        last: last && { time: timeOfRow(last), id: last.id },
        finalUntil: Math.max(reached, latest) - overlapSeconds,
      },
    }
  }

  async function pollNewest(): Promise<void> {
    const { rows, page } = await read({ kind: 'newest', from: position.floor })
    position = afterNewest(position, page)
    await group.add(rows, position)
  }

  async function pollChanged(): Promise<void> {
    for (let left = sizes.pages; left > 0; left -= 1) {
      const { walk } = position
      if (walk === undefined) return
      call.signal?.throwIfAborted()
      const { rows, page } = await read({ kind: 'changed', time: walk.time, id: walk.id })
      position = afterChanged({ ...position, walk }, page)
      await group.add(rows, position)
    }
  }

  async function pollStanding(): Promise<void> {
    for (let left = sizes.pages; left > 0; left -= 1) {
      const { standing } = position
      if (standing === undefined) return
      call.signal?.throwIfAborted()
      const { rows, page } = await read({ kind: 'standing', id: standing })
      position = afterStanding(position, page)
      const news = await group.add(rows, position)
      // Where all is known one page an interval is enough: all are met in turn.
      if (page.last === undefined || news === 0) return
    }
  }

  try {
    await pollNewest()
    await pollChanged()
    if (asked.position.walk !== undefined && position.walk === undefined) {
      // What changed behind a walk that an earlier interval began is found in this one too.
      await pollNewest()
      await pollChanged()
    }
    await pollStanding()
  } catch (error) {
    if (isCallError(error)) await group.publish()
    throw error
  }
  await group.publish()
  return { pages, found: group.count() }
}

/** Pages that are published together, once it is known in which lane. */
function makeGroup(deps: PollWorkbooksDeps, { polling, keep }: PollRows) {
  const { versions, publishFound, traceparent, now } = deps
  let news = new Map<string, NewRow>()
  let position: WorkbooksPosition | undefined
  let unlinked = 0
  let count = 0

  async function publish(): Promise<void> {
    if (position === undefined) return
    const isBulk = (row: WorkbooksRecord) => unlinked > mostAtOnce && isUnlinked(polling, row)
    const as = { isBulk, foundAt: now(), traceparent }
    const found = [...news.values()].flatMap((one) => toFoundRow(polling, one, as))
    await publishFound(found, [keep(position)])
    count += found.length
    news = new Map()
    position = undefined
  }

  return {
    /** Answers how many rows were news. */
    async add(rows: readonly WorkbooksRecord[], next: WorkbooksPosition): Promise<number> {
      const found = await onlyNews(versions, polling, rows)
      const added = found.filter(({ row }) => !news.has(row.id))
      for (const one of found) news.set(one.row.id, one)
      position = next
      unlinked += added.filter(({ row }) => isUnlinked(polling, row)).length
      const waits = [...news.values()].some(({ row }) => isUnlinked(polling, row))
      if (!waits || unlinked > mostAtOnce) await publish()
      return added.length
    },
    publish,
    count: () => count,
  }
}

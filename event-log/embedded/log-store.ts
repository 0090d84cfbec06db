import type { DatabaseSync } from 'node:sqlite'
import type { Entry } from '../event-log.ts'
import type {
  Join,
  Joined,
  LagRow,
  Label,
  Mark,
  Page,
  PageRead,
  Size,
  TopicHead,
} from './messages.ts'
import { packParcel } from './parcel.ts'
import type { Head, Topic, Topics } from './topics.ts'

/** A page stops after this much, so that no reader holds up the appends behind it for long. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024

export type Labelled = Label & { readonly value: Uint8Array }

export type LogStore = {
  /** One transaction: all entries get the next offsets of their topics, all marks move. */
  readonly keepGroup: (group: {
    readonly entries: readonly Labelled[]
    readonly marks: readonly Mark[]
    readonly keptAt: number
  }) => { readonly offsets: Float64Array<ArrayBuffer>; readonly heads: readonly TopicHead[] }
  readonly readPage: (page: Page) => PageRead
  readonly join: (join: Join) => Joined
  readonly lags: () => readonly LagRow[]
  readonly size: () => Size
  readonly inTransaction: <Result>(work: () => Result) => Result
}

/** Everything here is synchronous and belongs to the log's own thread. */
export function makeLogStore(db: DatabaseSync, topics: Topics): LogStore {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const moveMark = db.prepare(
    `INSERT INTO marks VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET next = excluded.next WHERE excluded.next > next`,
  )
  const selectMark = db.prepare('SELECT next FROM marks WHERE group_name = ? AND topic_id = ?')
  const selectMarks = db.prepare(
    `SELECT group_name, topic, next FROM marks JOIN heads ON heads.id = topic_id
     ORDER BY group_name, topic`,
  )

  const inTransaction: LogStore['inTransaction'] = (work) => {
    begin.run()
    try {
      const result = work()
      commit.run()
      return result
    } catch (error) {
      topics.forget()
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  const joinTopic = (name: string, { group, startFrom }: Join) => {
    const topic = topics.findOrMake(name)
    const { head } = topics.headOf(topic)
    const begun = selectMark.get(group, topic.id)?.['next']
    const next = Number(begun ?? (startFrom === 'end' ? head : topics.tailOf(topic)))
    // Kept at once: a group that began at the end must not skip what comes before its first commit.
    if (begun === undefined) moveMark.run(group, topic.id, next)
    return { topic: name, head, next }
  }

  return {
    inTransaction,
    keepGroup: ({ entries, marks, keptAt }) =>
      inTransaction(() => {
        const kept = insertEntries(topics, entries, keptAt)
        for (const mark of marks)
          moveMark.run(mark.group, topics.findOrMake(mark.topic).id, mark.next)
        return kept
      }),
    readPage: ({ topic: name, from, limit }) => {
      const topic = topics.find(name)
      if (topic === undefined) return { labels: [], values: packParcel([]) }
      return readRows(
        topic,
        'offset' in from ? from.offset : offsetAt(topics, topic, from.time),
        limit,
      )
    },
    join: (what) => inTransaction(() => what.topics.map((name) => joinTopic(name, what))),
    lags: () => toLags(topics, selectMarks.all()),
    size: () => ({
      bytes: topics.all().reduce((sum, topic) => sum + topics.headOf(topic).bytes, 0),
      reusableBytes: pragma(db, 'freelist_count') * pragma(db, 'page_size'),
    }),
  }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}

/** The first offset kept at or after a time; `kept_at` never falls within a topic, so halving finds it. */
export function offsetAt(topics: Topics, topic: Topic, time: number): number {
  let low = topics.tailOf(topic)
  let high = topics.headOf(topic).head
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (Number(topic.keptAt.get(middle)?.['kept_at']) < time) low = middle + 1
    else high = middle
  }
  return low
}

function insertEntries(topics: Topics, entries: readonly Labelled[], now: number) {
  const heads = new Map<string, { topic: Topic; head: Head }>()
  const offsets = new Float64Array(entries.length)
  for (const [index, { topic: name, key, headers, value }] of entries.entries()) {
    let at = heads.get(name)
    if (at === undefined) {
      const topic = topics.findOrMake(name)
      at = { topic, head: topics.headOf(topic) }
      heads.set(name, at)
    }
    // A clock that was set back must not make a later entry look older than an earlier one.
    const keptAt = Math.max(now, at.head.keptAt)
    at.topic.insert.run(at.head.head, keptAt, key, headers, value)
    offsets[index] = at.head.head
    at.head = { head: at.head.head + 1, bytes: at.head.bytes + value.length, keptAt }
  }
  for (const { topic, head } of heads.values()) topics.writeHead(topic, head)
  return { offsets, heads: [...heads].map(([topic, { head }]) => ({ topic, head: head.head })) }
}

function readRows(topic: Topic, from: number, limit: number): PageRead {
  const labels: PageRead['labels'][number][] = []
  const values: Uint8Array[] = []
  let bytes = 0
  for (const row of topic.page.iterate(from, limit)) {
    const value = row['value'] as Uint8Array // the column is BLOB NOT NULL
    const headers = row['headers']
    labels.push({
      key: String(row['key']),
      headers: typeof headers === 'string' ? headers : null,
      offset: Number(row['offset']),
      keptAt: Number(row['kept_at']),
    })
    values.push(value)
    bytes += value.length
    if (bytes >= MAX_PAGE_BYTES) break
  }
  return { labels, values: packParcel(values) }
}

function toLags(topics: Topics, marks: readonly Record<string, unknown>[]): LagRow[] {
  const lags = new Map<string, LagRow>()
  for (const mark of marks) {
    const topic = topics.find(String(mark['topic']))
    if (topic === undefined) continue
    const group = String(mark['group_name'])
    const next = Math.max(Number(mark['next']), topics.tailOf(topic))
    const oldest = topic.keptAt.get(next)?.['kept_at']
    const { events, since } = lags.get(group) ?? { events: 0, since: null }
    lags.set(group, {
      group,
      events: events + Math.max(0, topics.headOf(topic).head - next),
      since: oldest === undefined ? since : Math.min(Number(oldest), since ?? Infinity),
    })
  }
  return [...lags.values()]
}

/** Headers travel and are kept as JSON. */
export function toLabelled({ topic, key, value, headers }: Entry): Labelled {
  return { topic, key, value, headers: headers === undefined ? null : JSON.stringify(headers) }
}

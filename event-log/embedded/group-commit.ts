import type { Entry, Position } from '../event-log.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { toLabelled } from './log-store.ts'
import type { LogThread } from './log-thread.ts'
import type { GroupKept, Label, Mark, TopicHead } from './messages.ts'
import { buffersOf, packParcel, unpackParcel } from './parcel.ts'

/** One group's most: what is more waits for the next, so that no commit takes long. */
const MAX_GROUP_ITEMS = 1_000
const MAX_GROUP_BYTES = 8 * 1024 * 1024
const MAX_QUEUED_BYTES = 64 * 1024 * 1024
/** With a second group at hand the thread need not wait for this one's event loop between two commits. */
const MOST_UNDER_WAY = 2
/** Less than this is not worth a commit of its own while another is under way. */
const WORTH_A_COMMIT = 24
/** A mark alone waits this long for company: nothing depends on it but what a crash hands out again. */
const MARK_WAIT_MS = 20
const MARK_RETRY_MS = 1_000

type Raw = {
  readonly bytes: number
  readonly raw: Uint8Array
  readonly resolve: (answer: Uint8Array) => void
  readonly reject: (why: unknown) => void
}
type Append = {
  readonly bytes: number
  readonly entries: readonly Entry[]
  readonly resolve: (positions: readonly Position[]) => void
  readonly reject: (why: unknown) => void
}

export type GroupCommit = {
  readonly append: (entries: readonly Entry[]) => Promise<readonly Position[]>
  readonly keep: (raw: Uint8Array) => Promise<Uint8Array>
  /** Rides on the next group. */
  readonly mark: (mark: Mark) => void
  /** Resolves once every mark made before it is kept; rejects where that failed. */
  readonly marksKept: () => Promise<void>
  /** Takes nothing more; resolves once nothing is queued or on its way. */
  readonly close: () => Promise<void>
}

type Deps = {
  readonly thread: Pick<LogThread, 'ask'>
  readonly now: () => number
  readonly advanced: (heads: readonly TopicHead[]) => void
}

/** A group is on its way to the disk; whatever comes meanwhile is the next one. Nothing lingers. */
export function makeGroupCommit({ thread, now, advanced }: Deps): GroupCommit {
  let raws: Raw[] = []
  let appends: Append[] = []
  let marks = new Map<string, Mark>()
  let queuedBytes = 0
  let underWay = 0
  let areMarksUnderWay = false
  let isScheduled = false
  let isClosed = false
  let markTimer: NodeJS.Timeout | undefined
  let marksWaiting: { resolve: () => void; reject: (why: unknown) => void }[] = []
  let idleWaiting: (() => void)[] = []

  const isUrgent = () =>
    raws.length + appends.length + marksWaiting.length > 0 || (isClosed && marks.size > 0)
  const sendMarksIn = (waitMs: number) => {
    if (marks.size > 0) markTimer ??= setTimeout(send, waitMs, true)
  }

  const mustWait = () =>
    underWay >= MOST_UNDER_WAY || (underWay > 0 && raws.length + appends.length < WORTH_A_COMMIT)

  /** One at a time: a mark that failed must not be overtaken by `marksKept` of a later group. */
  const takeMarks = () => {
    if (areMarksUnderWay) return { moved: new Map<string, Mark>(), waiting: [] }
    const taken = { moved: marks, waiting: marksWaiting }
    areMarksUnderWay = marks.size + marksWaiting.length > 0
    marks = new Map()
    marksWaiting = []
    return taken
  }

  const send = (isMarkDue = false) => {
    isScheduled = false
    if (isMarkDue) markTimer = undefined
    if (mustWait()) return
    if (!isUrgent() && !isMarkDue) {
      for (const resolve of idleWaiting) resolve()
      idleWaiting = []
      sendMarksIn(MARK_WAIT_MS)
      return
    }
    underWay++
    clearTimeout(markTimer)
    markTimer = undefined
    const taken = { raws: takeSome(raws), appends: takeSome(appends) }
    raws = raws.slice(taken.raws.length)
    appends = appends.slice(taken.appends.length)
    const { moved, waiting } = takeMarks()
    const { ask, transfer } = toGroup(taken, [...moved.values()], now())
    const settle = () => {
      underWay--
      if (moved.size + waiting.length > 0) areMarksUnderWay = false
      for (const { bytes } of taken.raws) queuedBytes -= bytes
      for (const { bytes } of taken.appends) queuedBytes -= bytes
      // Not at once: answering first costs no durability and measured 10 % more deliveries a second.
      schedule()
    }
    thread.ask(ask, transfer).then(
      (kept) => {
        settle()
        advanced(kept.heads)
        answer(taken, kept)
        for (const { resolve } of waiting) resolve()
      },
      (why: unknown) => {
        for (const [name, mark] of moved) if (!marks.has(name)) marks.set(name, mark)
        for (const { reject } of [...taken.raws, ...taken.appends, ...waiting]) reject(why)
        if (isClosed) marks.clear()
        sendMarksIn(MARK_RETRY_MS)
        settle()
      },
    )
  }

  /** At the end of this turn of the event loop: what arrived together goes together. */
  const schedule = () => {
    if (isScheduled || mustWait()) return
    isScheduled = true
    setImmediate(send, false)
  }

  const refusal = (bytes: number): LogUnavailable | undefined => {
    if (isClosed) return new LogUnavailable('The event log is closed.')
    if (queuedBytes === 0 || queuedBytes + bytes <= MAX_QUEUED_BYTES) return undefined
    return new LogUnavailable(
      `The event log is full: ${queuedBytes} bytes wait for the disk. Try again later.`,
    )
  }

  return {
    append: (entries) =>
      new Promise((resolve, reject) => {
        const bytes = entries.reduce((sum, { value }) => sum + value.length, 0)
        const refused = refusal(bytes)
        if (refused !== undefined) {
          reject(refused)
          return
        }
        queuedBytes += bytes
        appends.push({ bytes, entries, resolve, reject })
        schedule()
      }),
    keep: (raw) =>
      new Promise((resolve, reject) => {
        const refused = refusal(raw.length)
        if (refused !== undefined) {
          reject(refused)
          return
        }
        queuedBytes += raw.length
        raws.push({ bytes: raw.length, raw, resolve, reject })
        schedule()
      }),
    mark: (mark) => {
      marks.set(JSON.stringify([mark.group, mark.topic]), mark)
      if (underWay === 0) sendMarksIn(MARK_WAIT_MS)
    },
    marksKept: () =>
      new Promise((resolve, reject) => {
        marksWaiting.push({ resolve, reject })
        schedule()
      }),
    close: () =>
      new Promise((resolve) => {
        isClosed = true
        idleWaiting.push(resolve)
        schedule()
      }),
  }
}

function takeSome<Item extends { readonly bytes: number }>(
  items: readonly Item[],
): readonly Item[] {
  let bytes = 0
  let count = 0
  for (const item of items) {
    bytes += item.bytes
    if (count > 0 && (count >= MAX_GROUP_ITEMS || bytes > MAX_GROUP_BYTES)) break
    count++
  }
  return count === items.length ? items : items.slice(0, count)
}

type Taken = { readonly raws: readonly Raw[]; readonly appends: readonly Append[] }

function toGroup({ raws, appends }: Taken, marks: readonly Mark[], keptAt: number) {
  const labels: Label[] = []
  const values: Uint8Array[] = []
  for (const { entries } of appends) {
    for (const entry of entries) {
      const { value, ...label } = toLabelled(entry)
      labels.push(label)
      values.push(value)
    }
  }
  const rawParcel = packParcel(raws.map(({ raw }) => raw))
  const valueParcel = packParcel(values)
  return {
    ask: { kind: 'group', keptAt, raws: rawParcel, labels, values: valueParcel, marks } as const,
    transfer: [...buffersOf(rawParcel), ...buffersOf(valueParcel)],
  }
}

function answer({ raws, appends }: Taken, { answers, failures, offsets }: GroupKept) {
  for (const { index, why } of failures) {
    raws[index]?.reject(new LogRefused(`The delivery could not be prepared: ${why}`))
  }
  // A promise settles once: those that failed stay failed.
  for (const [index, bytes] of unpackParcel(answers).entries()) raws[index]?.resolve(bytes)
  let at = 0
  for (const { entries, resolve } of appends) {
    resolve(
      entries.map(({ topic }) => ({ topic, partition: 0, offset: BigInt(offsets[at++] ?? 0) })),
    )
  }
}

import { rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { sentenceOf } from '../../runtime/errors.ts'
import { healthOf } from '../embedded-log.ts'
import { makeGroupCommit } from '../embedded/group-commit.ts'
import { openLogThread } from '../embedded/log-thread.ts'
import type { LogThread } from '../embedded/log-thread.ts'
import type { PageRead } from '../embedded/messages.ts'
import { unpackParcel } from '../embedded/parcel.ts'
import type { Entry } from '../event-log.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { openAside } from './aside-file.ts'
import type { Claim } from './claim-directory.ts'
import { openCapacity } from './make-capacity.ts'
import { makeOldest } from './make-oldest.ts'
import { packEntry, unpackEntry } from './pack-entry.ts'
import type { Held, OwnQueue } from './spool.ts'

/** One topic over all topics: what was answered first is forwarded first. */
const TOPIC = 'held'
const GROUP = 'gateway-forwarder'
const MAX_PAGE = 500
/** What was forwarded is deleted by and by: each time this much of it lies there, and when all is. */
const DELETE_BYTES = 8 * 1024 * 1024

export type DirectoryQueueOptions = {
  readonly dir: string
  readonly claim: Claim
  readonly capacityBytes: number
  readonly now: () => number
  /** Free bytes of the disk that `dir` is on. */
  readonly freeBytes?: (dir: string) => Promise<number>
  readonly died?: (error: unknown) => void
}

export const logFileOf = (dir: string) => join(dir, 'log.db')

/** An embedded log of one topic and one group, whose commits are what has been forwarded. */
export async function openDirectoryQueue(options: DirectoryQueueOptions): Promise<OwnQueue> {
  const { dir, claim } = options
  let thread: LogThread | undefined
  try {
    thread = await openLogThread({ dir })
    return await openOn(thread, options)
  } catch (error) {
    // Else whoever tries again finds a lock of its own.
    await thread?.close().catch(() => undefined)
    claim.release()
    throw error
  }
}

async function openOn(thread: LogThread, options: DirectoryQueueOptions): Promise<OwnQueue> {
  const { dir, claim, now, freeBytes = freeBytesOf } = options
  thread.died.addEventListener('abort', () => options.died?.(thread.died.reason))
  const group = makeGroupCommit({ thread, now, advanced: () => {} })
  const join = { kind: 'join', group: GROUP, topics: [TOPIC], startFrom: 'beginning' } as const
  const [joined] = await thread.ask(join)
  let { next, head } = joined ?? { next: 0, head: 0 }
  await deleteForwarded(thread)
  let heldBytes = (await thread.ask({ kind: 'size' })).bytes
  let queuedBytes = 0
  let forwardedBytes = 0

  const capacity = await openCapacity({
    capacityBytes: options.capacityBytes,
    measureFree: async () =>
      (await freeBytes(dir)) + (await thread.ask({ kind: 'size' })).reusableBytes,
    heldBytes: () => heldBytes + queuedBytes,
    now,
  })
  const aside = await openAside(dir, now)
  const isEmpty = () => next >= head

  const readPage = async (): Promise<readonly Held[]> => {
    if (isEmpty()) return []
    const limit = Math.min(MAX_PAGE, head - next)
    const page = { kind: 'page', topic: TOPIC, from: { offset: next }, limit } as const
    const held = toHeld(basename(dir), await thread.ask(page))
    if (held.length === 0) next = head
    return held
  }
  const forget = async (held: readonly Held[]) => {
    const upTo = next + held.length
    group.mark({ group: GROUP, topic: TOPIC, next: upTo })
    // A full disk must not keep them from leaving: the group tries the mark again, and a crash before
    // that forwards them once more.
    await group.marksKept().catch(() => undefined)
    next = upTo
    const bytes = held.reduce((sum, entry) => sum + packEntry(entry).length, 0)
    heldBytes -= bytes
    forwardedBytes += bytes
    if (!isEmpty() && forwardedBytes < DELETE_BYTES) return
    forwardedBytes = 0
    // They are marked as forwarded; deleting them can wait until the disk is well.
    await deleteForwarded(thread).catch(() => undefined)
  }

  const keep = async (entries: readonly Entry[]) => {
    const values = entries.map(packEntry)
    const bytes = values.reduce((sum, value) => sum + value.length, 0)
    if (!capacity.hasRoomFor(bytes)) throw new LogUnavailable(capacity.full())
    queuedBytes += bytes
    try {
      const kept = await group.append(values.map((value) => ({ topic: TOPIC, key: '', value })))
      heldBytes += bytes
      head = Number(kept.at(-1)?.offset ?? head - 1) + 1
      return kept.map(({ offset }) => toTicket(basename(dir), offset))
    } catch (error) {
      throw new LogUnavailable(`The spool could not keep it: ${sentenceOf(error)}`, {
        cause: error,
      })
    } finally {
      queuedBytes -= bytes
    }
  }

  let closing: Promise<void> | undefined
  const close = async () => {
    try {
      await group.close()
      await thread.close()
      // Nobody need look into a directory without one.
      if (isEmpty()) rmSync(logFileOf(dir), { force: true })
    } finally {
      claim.release()
    }
  }

  return {
    isEmpty,
    keep,
    oldest: makeOldest({ readPage, forget }),
    status: async () => {
      if (isEmpty()) return { events: 0, oldestAt: null }
      const lags = await thread.ask({ kind: 'lags' })
      return { events: head - next, oldestAt: lags[0]?.since ?? null }
    },
    setAside: aside.add,
    setAsideCount: () => Promise.resolve(aside.count()),
    fullRatio: capacity.fullRatio,
    room: async () => {
      const health = await healthOf(thread)
      return health.ok ? capacity.room() : { ok: false, why: `The spool: ${health.why}` }
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}

/** All up to the mark, however young: retention never passes an own group's. */
async function deleteForwarded(thread: Pick<LogThread, 'ask'>): Promise<void> {
  const limits = { maxAgeMs: 0, maxBytes: Infinity, ownGroups: GROUP, keepForever: [] }
  const ask = { kind: 'retain', now: Number.MAX_SAFE_INTEGER, ...limits } as const
  while (!(await thread.ask(ask)).isDone);
}

const toTicket = (name: string, offset: bigint | number) => `${name}/${offset}`

function toHeld(name: string, { labels, values }: PageRead): readonly Held[] {
  const bytes = unpackParcel(values)
  return labels.map(({ offset, keptAt }, index) => ({
    ...unpackEntry(bytes[index] ?? new Uint8Array()),
    ticket: toTicket(name, offset),
    heldAt: keptAt,
  }))
}

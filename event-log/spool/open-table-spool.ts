import { randomUUID } from 'node:crypto'
import { sentenceOf } from '../../runtime/errors.ts'
import type { Entry } from '../event-log.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { makeHold } from './make-hold.ts'
import type { Hold } from './make-hold.ts'
import { makeSilentOwners } from './make-silent-owners.ts'
import type { SilentOwner } from './make-silent-owners.ts'
import { makeTableQueue } from './make-table-queue.ts'
import { makeTableWrites } from './make-table-writes.ts'
import { openAdoptingSpool } from './open-adopting-spool.ts'
import { packEntry } from './pack-entry.ts'
import type { OwnQueue, Queue, Spool, SpoolSignals } from './spool.ts'
import { spoolSql } from './table-store.ts'
import type { TableStore } from './table-store.ts'

export type TableSpoolOptions = {
  /** The state that all processes share, with the tables of its migration `0005-spool`. */
  readonly store: TableStore
  /** Of what one process holds: 256 MiB. */
  readonly capacityBytes?: number
  readonly signals: SpoolSignals & {
    /** The state did not take the sign of life; it is given again. */
    readonly stateAway: (error: unknown) => void
  }
  readonly now?: () => number
  /** Milliseconds that only ever grow. */
  readonly clock?: () => number
  readonly times?: { readonly signEveryMs: number; readonly deadAfterMs: number }
}

const CAPACITY_BYTES = 256 * 1024 ** 2
const TIMES = { signEveryMs: 15_000, deadAfterMs: 60_000 }

/**
 * The spool where no disk lasts. Each process has rows of its own and gives signs of life; the rows
 * of one that has given none for a minute are taken over by one that lives. Who was taken over though
 * it lives forwards nothing, and keeps on spooling, until the other is done.
 */
export async function openTableSpool(options: TableSpoolOptions): Promise<Spool> {
  const { store, signals, now = Date.now, clock = () => performance.now(), times = TIMES } = options
  const owner: string = randomUUID()
  const newHold = (one: string) => makeHold({ store, owner: one, now })
  const ownHold = newHold(owner)
  /** Ours, and those that we took over: they live as long as we do. */
  const holds = new Map<string, Hold>([[owner, ownHold]])
  const sign = () =>
    Promise.all([...holds.values()].map((hold) => hold.sign())).then(
      () => undefined,
      signals.stateAway,
    )

  const adoptOne = async ({ owner: dead, seenAt }: SilentOwner): Promise<Queue | undefined> => {
    const hold = newHold(dead)
    if (!(await hold.take(seenAt))) return undefined
    let isEmpty = false
    const queue = makeTableQueue({
      store,
      owner: dead,
      writtenUpTo: () => Infinity,
      isEmpty: () => isEmpty,
      emptied: () => (isEmpty = true),
      forgotten: () => {},
      confirm: hold.confirm,
    })
    const { events } = await queue.status()
    if (events === 0) {
      await hold.release()
      return undefined
    }
    holds.set(dead, hold)
    const release = () => {
      holds.delete(dead)
      return hold.release()
    }
    return { ...queue, [Symbol.asyncDispose]: release }
  }
  const lookForSilent = makeSilentOwners({ store, deadAfterMs: times.deadAfterMs, clock })
  const adopt = async () => {
    const found: Queue[] = []
    for (const silent of await lookForSilent()) {
      const hold = holds.get(silent.owner)
      // Ours, and whoever took it over has died.
      if (hold !== undefined) await hold.take(silent.seenAt)
      const queue = hold === undefined ? await adoptOne(silent) : undefined
      if (queue !== undefined) found.push(queue)
    }
    return found
  }

  await sign()
  const timer = setInterval(() => void sign(), times.signEveryMs).unref()
  const own = makeOwn({ ...options, owner, now, confirm: ownHold.confirm })
  const everyMs = times.deadAfterMs / 2
  const close = async () => {
    clearInterval(timer)
    await ownHold.release()
  }
  return openAdoptingSpool({
    own: { ...own, [Symbol.asyncDispose]: close },
    adopt,
    everyMs,
    now,
    signals,
  })
}

type Own = TableSpoolOptions & {
  readonly owner: string
  readonly now: () => number
  readonly confirm: Hold['confirm']
}

function makeOwn({ store, owner, now, confirm, capacityBytes = CAPACITY_BYTES }: Own) {
  let writtenUpTo = 0
  let heldUpTo = 0
  let heldBytes = 0
  const writes = makeTableWrites({
    store,
    owner,
    now,
    written: (upTo, bytes) => {
      writtenUpTo = upTo
      heldUpTo = upTo
      heldBytes += bytes
    },
  })
  const queue = makeTableQueue({
    store,
    owner,
    writtenUpTo: () => writtenUpTo,
    isEmpty: () => heldUpTo === 0,
    emptied: () => {
      heldUpTo = 0
      heldBytes = 0
    },
    forgotten: (held) => {
      heldBytes -= held.reduce((sum, entry) => sum + packEntry(entry).length, 0)
    },
    confirm,
  })
  const usedBytes = () => heldBytes + writes.queuedBytes()
  const full = () =>
    `The spool is full: ${usedBytes()} bytes wait for the event log, and it may hold ${capacityBytes}.`

  return {
    ...queue,
    keep: async (entries: readonly Entry[]) => {
      const bytes = entries.reduce((sum, { value }) => sum + value.length, 0)
      if (usedBytes() + bytes > capacityBytes) throw new LogUnavailable(full())
      try {
        return await writes.keep(entries)
      } catch (error) {
        throw new LogUnavailable(`The spool could not keep it: ${sentenceOf(error)}`, {
          cause: error,
        })
      }
    },
    setAside: async (held, why) => {
      await store.write([spoolSql.setAside(held, why, now())])
    },
    setAsideCount: async () => {
      const [row] = await store.read(spoolSql.setAsideCount)
      return Number(row?.['events'] ?? 0)
    },
    fullRatio: () => Promise.resolve(Math.min(1, usedBytes() / capacityBytes)),
    room: async () => {
      if (usedBytes() >= 0.95 * capacityBytes) return { ok: false, why: full() }
      try {
        await store.read({ sql: 'SELECT count(*) AS owners FROM spool_owners' })
        return { ok: true }
      } catch (error) {
        return { ok: false, why: `The spool: ${sentenceOf(error)}` }
      }
    },
  } satisfies Omit<OwnQueue, typeof Symbol.asyncDispose>
}

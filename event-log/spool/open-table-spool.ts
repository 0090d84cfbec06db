import { randomUUID } from 'node:crypto'
import { sentenceOf } from '../../runtime/errors.ts'
import type { Entry } from '../event-log.ts'
import { LogUnavailable } from '../log-unavailable.ts'
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
  readonly times?: { readonly signEveryMs: number; readonly deadAfterMs: number }
}

const CAPACITY_BYTES = 256 * 1024 ** 2
const TIMES = { signEveryMs: 15_000, deadAfterMs: 60_000 }
const ADOPTION = 'spool:adoption'

/**
 * The spool where no disk lasts. Each process has rows of its own and gives signs of life; the rows
 * of one that has given none for a minute are taken over by one that lives.
 */
export async function openTableSpool(options: TableSpoolOptions): Promise<Spool> {
  const { store, signals, now = Date.now, times = TIMES } = options
  const owner: string = randomUUID()
  /** Ours, and those that we took over: they live as long as we do. */
  const owners = new Set<string>([owner])
  const sign = () =>
    store
      .write([...owners].map((one) => spoolSql.sign(one, now())))
      .then(() => undefined, signals.stateAway)
  const release = async (one: string) => {
    owners.delete(one)
    await store.write([spoolSql.removeIfEmpty(one), spoolSql.release(one)])
  }

  const adoptOne = async (dead: string): Promise<Queue | undefined> => {
    await store.write([spoolSql.sign(dead, now())])
    owners.add(dead)
    let isEmpty = false
    const queue = makeTableQueue({
      store,
      owner: dead,
      writtenUpTo: () => Infinity,
      isEmpty: () => isEmpty,
      emptied: () => (isEmpty = true),
      forgotten: () => {},
    })
    const { events } = await queue.status()
    if (events > 0) return { ...queue, [Symbol.asyncDispose]: () => release(dead) }
    await release(dead)
    return undefined
  }
  /** One process at a time, or two would take over the same one. */
  const adopt = () =>
    store.exclusively([ADOPTION], async () => {
      const found: Queue[] = []
      for (const row of await store.read(spoolSql.dead(now() - times.deadAfterMs))) {
        const dead = String(row['owner'])
        const queue = owners.has(dead) ? undefined : await adoptOne(dead)
        if (queue !== undefined) found.push(queue)
      }
      return found
    })

  await sign()
  const timer = setInterval(() => void sign(), times.signEveryMs).unref()
  const own = makeOwn({ ...options, owner, now })
  const everyMs = times.deadAfterMs / 2
  const close = async () => {
    clearInterval(timer)
    await release(owner)
  }
  return openAdoptingSpool({
    own: { ...own, [Symbol.asyncDispose]: close },
    adopt,
    everyMs,
    now,
    signals,
  })
}

type Own = TableSpoolOptions & { readonly owner: string; readonly now: () => number }

function makeOwn({ store, owner, now, capacityBytes = CAPACITY_BYTES }: Own) {
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

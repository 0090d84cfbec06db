import type { Entry } from '../event-log.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { makeOldest } from './make-oldest.ts'
import { openAdoptingSpool } from './open-adopting-spool.ts'
import type { Held, OwnQueue, Queue, Spool } from './spool.ts'

/** What survives a crash of the process that holds it. */
export type MemoryDisk = { held: readonly Held[]; nextTicket: number; readonly aside: Held[] }

export const makeMemoryDisk = (): MemoryDisk => ({ held: [], nextTicket: 0, aside: [] })

type Options = {
  readonly disk: MemoryDisk
  /** Before and after each touch of the disk: time passes, or the process dies and nothing comes back. */
  readonly pass?: () => Promise<void>
  readonly isFull?: () => boolean
  readonly adopt?: () => Promise<readonly Queue[]>
  readonly adoptEveryMs?: number
}

/** A spool for tests, with the disk's order and durability and none of its files. */
export function openMemorySpool(options: Options): Promise<Spool> {
  const { disk, pass = () => Promise.resolve(), isFull = () => false } = options
  let known = disk.held.length
  let lastKeep = Promise.resolve<unknown>(undefined)
  const keepNow = async (entries: readonly Entry[]) => {
    await pass()
    if (isFull()) throw new LogUnavailable('The spool is full.')
    const held = entries.map((entry) => ({
      ...entry,
      ticket: String(disk.nextTicket++),
      heldAt: 0,
    }))
    disk.held = [...disk.held, ...held]
    await pass()
    known += held.length
    return held.map(({ ticket }) => ticket)
  }
  const own: OwnQueue = {
    isEmpty: () => known === 0,
    keep: (entries) => {
      const kept = lastKeep.then(() => keepNow(entries))
      lastKeep = kept.catch(() => undefined)
      return kept
    },
    oldest: makeOldest({
      readPage: async () => {
        const upTo = known
        await pass()
        return disk.held.slice(0, upTo)
      },
      forget: async (held) => {
        await pass()
        disk.held = disk.held.slice(held.length)
        known -= held.length
      },
    }),
    status: () => Promise.resolve({ events: known, oldestAt: disk.held[0]?.heldAt ?? null }),
    setAside: (held) => Promise.resolve(void disk.aside.push(held)),
    setAsideCount: () => Promise.resolve(disk.aside.length),
    fullRatio: () => Promise.resolve(isFull() ? 1 : 0),
    room: () =>
      Promise.resolve(isFull() ? { ok: false, why: 'The spool is full.' } : { ok: true as const }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  return openAdoptingSpool({
    own,
    adopt: options.adopt ?? (() => Promise.resolve([])),
    everyMs: options.adoptEveryMs ?? 3_600_000,
    now: Date.now,
    signals: { spoolAdopted: () => {}, spoolNotAdopted: () => {} },
  })
}

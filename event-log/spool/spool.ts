import type { Entry } from '../event-log.ts'

/** An entry that waits for the log, with the ticket that its keeping answered. */
export type Held = Entry & {
  readonly ticket: string
  /** When the spool took it, epoch milliseconds. */
  readonly heldAt: number
}

export type HeldBatch = {
  readonly held: readonly Held[]
  /** They are in the log: resolves once they are held no longer. They come again where it rejects. */
  readonly forwarded: () => Promise<void>
}

export type QueueStatus = {
  readonly events: number
  /** When the oldest was taken, epoch milliseconds; null where nothing is held. */
  readonly oldestAt: number | null
}

/** What one process answered and the log has not got yet, in the order of its answers. */
export type Queue = AsyncDisposable & {
  readonly isEmpty: () => boolean
  /** The oldest, at most so many; always the same ones until they are forwarded. For one caller. */
  readonly oldest: (most: number) => Promise<HeldBatch | undefined>
  readonly status: () => Promise<QueueStatus>
}

export type Room = { readonly ok: true } | { readonly ok: false; readonly why: string }

export type OwnQueue = Queue & {
  /**
   * Resolves once the entries survive a crash, with one ticket each; calls keep their order. Rejects
   * with `LogUnavailable` where it is full or broken: then they may not be answered.
   */
  readonly keep: (entries: readonly Entry[]) => Promise<readonly string[]>
  /** Keeps, for people, what the log will never take: it stands in nobody's way and is not lost. */
  readonly setAside: (held: Held, why: string) => Promise<void>
  readonly room: () => Promise<Room>
  readonly fullRatio: () => Promise<number>
  readonly setAsideCount: () => Promise<number>
}

export type SpoolStatus = {
  readonly events: number
  readonly oldestSeconds: number
  /** 0 to 1; at 1 deliveries are no longer answered. */
  readonly fullRatio: number
  /** Events that the log refused for good and that people must look at. */
  readonly setAside: number
}

/** Where deliveries wait while the log is away: this process's, and those of processes that died. */
export type Spool = AsyncDisposable &
  Pick<OwnQueue, 'keep' | 'setAside' | 'room' | 'isEmpty' | 'oldest'> & {
    readonly status: () => Promise<SpoolStatus>
    /** Calls whenever what a dead process left has come in. */
    readonly onAdopted: (adopted: () => void) => void
  }

export type SpoolSignals = {
  readonly spoolAdopted: (facts: { readonly events: number }) => void
  /** Something dead processes left could not be looked at; it is tried again. */
  readonly spoolNotAdopted: (error: unknown) => void
}

/** A batch must fit into what a broker takes at once: 1 MiB, Kafka's default, headers included. */
export const MAX_BATCH_BYTES = 512 * 1024

export type Entry = {
  readonly topic: string
  /** Entries of one key stay in the order of their append: `<system>:<type>:<id>`. */
  readonly key: string
  readonly value: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export type Position = {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

export type Kept = Entry & {
  readonly at: Position
  /** When the log took it, epoch milliseconds. */
  readonly keptAt: number
}

/** An entry in a group's hands until it says `done`: handled, or safely kept elsewhere. */
export type Handed = Kept & {
  /** Idempotent. Committed up to the lowest entry of its partition that is not done. */
  readonly done: () => void
}

export type Subscribe = {
  readonly group: string
  readonly topics: readonly string[]
  /** Where a group begins that has never committed. */
  readonly startFrom: 'beginning' | 'end'
  /** How many entries may be in hand, not done, at once. */
  readonly maxInHand: number
  /** Aborted before it is subscribed: rejects at once with `LogUnavailable`, and nothing joins later. */
  readonly signal?: AbortSignal
}

export type Subscription = {
  /** Nothing is handed out between pause and resume; what is in hand stays in hand. */
  readonly pause: () => void
  readonly resume: () => void
  /** Hands out nothing more, then commits what is done. What is not done is handed out again next time. */
  readonly stop: () => Promise<void>
}

/**
 * `handed`: entries of one partition, in their order; several calls may come before the first are done.
 * `owned` aborts when the entries are no longer this process's (a rebalance, `stop`): work on them
 * may then neither write nor say done (infrastructure 3.5).
 */
export type Take = (handed: readonly Handed[], owned: AbortSignal) => void

export type ReadFrom = { readonly offset: bigint } | { readonly time: number }

export type Read = {
  readonly topic: string
  readonly partition: number
  readonly from: ReadFrom
  readonly limit: number
}

export type Lag = { readonly group: string; readonly events: number; readonly seconds: number }

/**
 * Where events are kept. `event-log.contract.ts` says what every implementation must do; entries may
 * be handed out more than once (at least once), never out of order within a key.
 */
export type EventLog = AsyncDisposable & {
  /**
   * Resolves once the entries survive a crash, with where they are; with nothing where a spool holds
   * them until the log is back. Rejects with an AppError where that is not known.
   */
  readonly append: (entries: readonly Entry[]) => Promise<readonly Position[]>
  readonly subscribe: (what: Subscribe, take: Take) => Promise<Subscription>
  /** Entries from an offset or a time (epoch ms) on, oldest first, at most `limit`; empty at the end. */
  readonly read: (what: Read) => Promise<readonly Kept[]>
  readonly partitionsOf: (topic: string) => Promise<number>
  /** Of every group that has ever committed. */
  readonly lags: () => Promise<readonly Lag[]>
  readonly health: () => Promise<
    { readonly ok: true } | { readonly ok: false; readonly why: string }
  >
}

/**
 * A pure step that may run beside the disk, on another thread: raw bytes in, entries and an answer
 * out. A module that offers one exports `makePrepare(options)`; `options` is plain data.
 */
export type Prepare = (raw: Uint8Array) => {
  readonly entries: readonly Entry[]
  readonly answer: Uint8Array
}

/** Prepares and appends; resolves with the answer once the entries survive a crash. */
export type Keep = (raw: Uint8Array) => Promise<Uint8Array>

import type { EventLog, Keep, Kept, Read } from './event-log.ts'
import { makeGroupCommit } from './embedded/group-commit.ts'
import { openLogThread } from './embedded/log-thread.ts'
import type { LogThread } from './embedded/log-thread.ts'
import type { Page, PageRead } from './embedded/messages.ts'
import { unpackParcel } from './embedded/parcel.ts'
import { makeSubscriptions } from './embedded/subscriptions.ts'

const RETAIN_EVERY_MS = 60_000
const HEALTH_WAIT_MS = 2_000

export type Retention = {
  readonly maxAgeMs: number
  /** Of the entries' values, over all topics. */
  readonly maxBytes?: number
  /** Groups whose names begin like this are never outrun by retention. */
  readonly ownGroups?: string
  /** Topics of which nothing is ever deleted, however old or much it is. */
  readonly keepForever?: readonly string[]
}

export type EmbeddedLogOptions = {
  readonly dir: string
  readonly retention: Retention
  readonly prepare?: { readonly module: URL; readonly options: unknown }
  readonly now?: () => number
  /** The log's thread ended unasked: nothing can be kept any more, and the process should end too. */
  readonly died?: (error: unknown) => void
}

export type EmbeddedLog = EventLog & {
  /** Prepares on the log's own thread; many deliveries share one commit. */
  readonly keep: Keep
  /** Deletes at once what is past its retention, which else happens every minute. */
  readonly retain: () => Promise<void>
}

/** Rejects with a `LogRefused` sentence where the directory is in use or would not be durable. */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { dir, retention, prepare, now = Date.now } = options
  const thread = await openLogThread({
    dir,
    ...(prepare && { prepare: { module: prepare.module.href, options: prepare.options } }),
  })
  const read = makeRead(thread)
  const group = makeGroupCommit({
    thread,
    now,
    advanced: (heads) => subscriptions.advanced(heads),
  })
  const subscriptions = makeSubscriptions({ thread, group, read })
  thread.died.addEventListener('abort', () => {
    subscriptions.end()
    options.died?.(thread.died.reason)
  })

  const retain = async () => {
    const { maxAgeMs, maxBytes = Infinity, ownGroups = 'gateway-', keepForever = [] } = retention
    for (let isDone = false; !isDone;) {
      const limits = { maxAgeMs, maxBytes, ownGroups, keepForever }
      const ask = { kind: 'retain', now: now(), ...limits } as const
      isDone = (await thread.ask(ask)).isDone
    }
  }
  // A failure here is the disk's, and the next append or `health` tells of it.
  const retainer = setInterval(() => void retain().catch(() => undefined), RETAIN_EVERY_MS).unref()

  let closing: Promise<void> | undefined
  const close = async () => {
    clearInterval(retainer)
    subscriptions.end()
    await group.close()
    await thread.close()
  }

  return {
    append: (entries) => (entries.length === 0 ? Promise.resolve([]) : group.append(entries)),
    keep: group.keep,
    subscribe: subscriptions.subscribe,
    read: async ({ topic, partition, from, limit }) =>
      partition === 0 ? await read({ topic, from: toFrom(from), limit }) : [],
    partitionsOf: () => Promise.resolve(1),
    lags: async () => {
      await group.marksKept()
      const rows = await thread.ask({ kind: 'lags' })
      return rows.map(({ group, events, since }) => {
        const seconds = since === null ? 0 : Math.max(0, now() - since) / 1_000
        return { group, events, seconds }
      })
    },
    health: () => healthOf(thread),
    retain,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

function makeRead(thread: LogThread) {
  return async (page: Page): Promise<readonly Kept[]> =>
    toKept(page.topic, await thread.ask({ kind: 'page', ...page }))
}

function toFrom(from: Read['from']): Page['from'] {
  return 'offset' in from ? { offset: Number(from.offset) } : from
}

function toKept(topic: string, { labels, values }: PageRead): readonly Kept[] {
  const bytes = unpackParcel(values)
  return labels.map(({ key, headers, offset, keptAt }, index) => ({
    topic,
    key,
    value: bytes[index] ?? new Uint8Array(),
    ...(headers !== null && { headers: JSON.parse(headers) as Record<string, string> }), // ours, from append
    at: { topic, partition: 0, offset: BigInt(offset) },
    keptAt,
  }))
}

/** A log's thread that writes, and in time, is well. */
export async function healthOf(thread: Pick<LogThread, 'ask'>): ReturnType<EventLog['health']> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`The event log has not answered for ${HEALTH_WAIT_MS} ms; is its disk slow?`),
      )
    }, HEALTH_WAIT_MS)
  })
  try {
    await Promise.race([thread.ask({ kind: 'ping' }), late])
    return { ok: true }
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

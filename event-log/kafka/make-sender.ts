import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { Entry, Position } from '../event-log.ts'
import { AppError } from '../../runtime/errors.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { LogWithdrawn } from '../log-withdrawn.ts'
import { isTooMuchForOne, openChunk, placeEntry, toChunks } from './make-chunk.ts'
import type { Chunk, Placed } from './make-chunk.ts'
import type { ProducerLine } from './open-producer.ts'
import type { Topics } from './open-topics.ts'
import { hasTimedOut, toLogError } from './to-log-error.ts'

export type SendLimits = {
  /** What is under way after so long is cut off and rejected, and what waited for topics likewise. */
  readonly giveUpMs: number
  /** No further try begins later than this; the one under way may finish. */
  readonly lastTryMs: number
  /** How long `close` waits for what was appended before it. */
  readonly flushMs: number
}

/** A try takes at most the 8 s of `ANSWER_WITHIN_MS` where only the answer is missing. */
export const SEND_LIMITS: SendLimits = { giveUpMs: 20_000, lastTryMs: 12_000, flushMs: 10_000 }
const RETRY_WAITS_MS = [100, 200, 400, 800]
const LONGEST_RETRY_WAIT_MS = 1_500
/** Of values that wait; beyond it the log says that it is full. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024

type Waiting = {
  readonly entries: readonly Entry[]
  readonly bytes: number
  readonly resolve: (positions: readonly Position[]) => void
  readonly reject: (why: unknown) => void
  /** Called when they go out: a withdrawal comes too late from then on. */
  readonly goesOut: () => void
}
/** Its entries placed: partitions do not change any more, whatever is tried. */
type Taken = Waiting & { readonly placed: readonly Placed[] }

export type Sender = {
  /**
   * In the order of the calls. `withdraw` takes the entries back as long as they are not in a
   * `sendBatch`: LogWithdrawn, and nothing of them was or will be sent. Afterwards it has no effect:
   * LogUnavailable may mean that they are in the log, LogRefused (and only that) that trying again is
   * of no use. Between a rejection and the next `sendBatch` the event loop turns once, so that who is
   * rejected can withdraw what he has queued behind it.
   */
  readonly append: (
    entries: readonly Entry[],
    withdraw?: AbortSignal,
  ) => Promise<readonly Position[]>
  /** Why the latest try failed, while none has succeeded since. */
  readonly trouble: () => string | undefined
  /** Takes nothing more, sends what it has, and settles all of it within `flushMs`. */
  readonly close: () => Promise<void>
}

type Deps = {
  readonly openProducer: () => ProducerLine
  readonly topics: Pick<Topics, 'countOf' | 'known' | 'isKnown' | 'why' | 'lookAgain'>
  readonly prefix: string
  readonly signals: { readonly sendFailed: (facts: { readonly why: string }) => void }
  readonly limits?: SendLimits
}

/** One `sendBatch` in flight at any time; whatever comes meanwhile goes in the next. Nothing lingers. */
export function makeSender(deps: Deps): Sender {
  const { openProducer, topics, prefix, signals, limits = SEND_LIMITS } = deps
  // In the order of the appends; a Set, as any of them may be taken back.
  const queue = new Set<Waiting>()
  let queuedBytes = 0
  let line: ProducerLine | undefined
  let trouble: string | undefined
  let pumping: Promise<void> | undefined
  const closing = new AbortController()
  const closed = new AbortController()

  const enqueue = (waiting: Waiting) => {
    queue.add(waiting)
    queuedBytes += waiting.bytes
    pumping ??= pump()
  }
  const dequeue = (waiting: Waiting) => {
    queue.delete(waiting)
    queuedBytes -= waiting.bytes
    waiting.goesOut()
  }
  const dismiss = (waiting: Waiting, why: Error) => {
    dequeue(waiting)
    waiting.reject(why)
  }

  const pump = async () => {
    do {
      // What comes in the same moment goes together, and who was just answered runs first.
      await turn()
      await sendNext()
    } while (queue.size > 0)
    pumping = undefined
  }

  const sendNext = async () => {
    if (queue.size > 0 && !topics.isKnown()) {
      await within(topics.known(), limits.giveUpMs, closed.signal)
    }
    if (topics.isKnown() && !closed.signal.aborted) {
      const taken = takeSome()
      if (taken.length > 0) await carry(taken)
      return
    }
    const why = closed.signal.aborted ? 'it is closed' : (topics.why() ?? 'Kafka has not answered')
    for (const waiting of queue) dismiss(waiting, unavailable(why))
  }

  /** As many as fit into one chunk; one that is too much for any comes alone. */
  const takeSome = (): readonly Taken[] => {
    const taken: Taken[] = []
    const chunk = openChunk(prefix)
    for (const waiting of queue) {
      const placed = place(waiting.entries)
      if (placed instanceof Error) {
        topics.lookAgain()
        dismiss(waiting, placed)
        continue
      }
      const isAlone = isTooMuchForOne(placed)
      if (taken.length > 0 && (isAlone || !chunk.take(placed))) break
      if (taken.length === 0 && !isAlone) chunk.take(placed)
      dequeue(waiting)
      taken.push({ ...waiting, placed })
      if (isAlone) break
    }
    return taken
  }

  const place = (entries: readonly Entry[]): readonly Placed[] | Error => {
    const placed: Placed[] = []
    for (const entry of entries) {
      const partitions = topics.countOf(entry.topic)
      if (typeof partitions !== 'number') return partitions
      placed.push(placeEntry(entry, partitions))
    }
    return placed
  }

  /**
   * Settles all of them, in their order. Of those that went together, only who is to blame is refused.
   * Answers why it broke off: what comes later must not arrive where it is not known what became of these.
   */
  const carry = async (taken: readonly Taken[]): Promise<AppError | undefined> => {
    try {
      const positions: Position[] = []
      const placed = taken.flatMap((each) => each.placed)
      for (const chunk of toChunks(placed, prefix)) positions.push(...(await deliver(chunk)))
      let at = 0
      for (const { entries, resolve } of taken) {
        resolve(positions.slice(at, (at += entries.length)))
      }
      return undefined
    } catch (error) {
      if (error instanceof LogRefused && taken.length > 1) {
        // Kafka names no culprit. Those sent once more are doubled at worst, and keep their order.
        const half = taken.length >> 1
        const broken = await carry(taken.slice(0, half))
        await turn()
        if (broken === undefined) return carry(taken.slice(half))
        for (const { reject } of taken.slice(half)) reject(broken)
        return broken
      }
      for (const { reject } of taken) reject(error)
      if (error instanceof LogRefused) return undefined
      return error instanceof AppError ? error : unavailable('it failed in an unforeseen way')
    }
  }

  /** Tries until all in-sync replicas have it, until `lastTryMs`; rejects with an AppError. */
  const deliver = async (chunk: Chunk): Promise<readonly Position[]> => {
    const began = performance.now()
    const late = setTimeout(() => {
      cut('Kafka has not answered in time')
    }, limits.giveUpMs)
    try {
      for (let tries = 0; ; tries++) {
        const sent = await tryOnce(chunk)
        if (!(sent instanceof AppError)) return sent
        const waitMs = RETRY_WAITS_MS[tries] ?? LONGEST_RETRY_WAIT_MS
        const isLast = performance.now() - began + waitMs > limits.lastTryMs
        if (sent.retry === 'never' || isLast || closed.signal.aborted) throw sent
        await wait(waitMs, undefined, { signal: closed.signal }).catch(() => undefined)
      }
    } finally {
      clearTimeout(late)
    }
  }

  const tryOnce = async (chunk: Chunk): Promise<readonly Position[] | AppError> => {
    line ??= openProducer()
    try {
      const positions = chunk.toPositions(await line.send(chunk))
      trouble = undefined
      return positions
    } catch (error) {
      const names = chunk.topics.map((topic) => prefix + topic)
      const known = toLogError(error, names)
      trouble = known.message
      signals.sendFailed({ why: known.message })
      if (hasTimedOut(error)) cut('This connection has gone silent')
      topics.lookAgain()
      return known
    }
  }

  const cut = (why: string) => {
    line?.cut(why)
    line = undefined
  }

  const append: Sender['append'] = (entries, withdraw) =>
    new Promise((resolve, reject) => {
      let bytes = 0
      for (const { value } of entries) bytes += value.byteLength
      const why = closing.signal.aborted
        ? unavailable('it is closed')
        : queuedBytes + bytes > MAX_QUEUED_BYTES
          ? unavailable('too much waits to be sent')
          : undefined
      if (withdraw?.aborted === true || why !== undefined) {
        reject(why ?? withdrawn())
        return
      }
      const takeBack = () => {
        dismiss(waiting, withdrawn())
      }
      const goesOut = () => withdraw?.removeEventListener('abort', takeBack)
      const waiting: Waiting = { entries, bytes, resolve, reject, goesOut }
      withdraw?.addEventListener('abort', takeBack, { once: true })
      enqueue(waiting)
    })

  return {
    append,
    trouble: () => trouble,
    close: async () => {
      closing.abort()
      const late = setTimeout(() => {
        closed.abort()
        cut('The log is closing')
      }, limits.flushMs)
      await pumping
      clearTimeout(late)
      cut('The log is closed')
    },
  }
}

/** Resolves with the promise, after so long or when aborted, whatever comes first. */
async function within(promise: Promise<void>, ms: number, aborted: AbortSignal): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, aborted])
  const late = wait(ms, undefined, { signal }).catch(() => undefined)
  await Promise.race([promise, late]).finally(() => over.abort())
}

function unavailable(why: string): LogUnavailable {
  return new LogUnavailable(`The event log on Kafka takes nothing: ${why}`)
}

function withdrawn(): LogWithdrawn {
  return new LogWithdrawn('The entries were taken back before they were sent.')
}

import { randomBytes, randomUUID } from 'node:crypto'
import type { EventLog } from '../../../event-log/event-log.ts'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import { toRequestEntry } from '../../../sdk/to-request-entry.ts'

type Deps = {
  readonly log: Pick<EventLog, 'append'>
  readonly signals: { readonly logAway: (error: unknown) => void }
  readonly now: () => number
  /** Ends when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

export type Request = {
  readonly record: RecordRef
  /** A sentence's worth of why. */
  readonly reason: string
  /** One of many: it goes in a lower lane, and blocks nobody (rulebook 7). */
  readonly isBulk?: boolean
}

/** Resolves once the requests survive a crash, and tries until they do; gives up when `signal` aborts. */
export type RequestSync = (
  requests: readonly Request[],
  about: { readonly signal: AbortSignal },
) => Promise<void>

/** A relationship asks for the records that it concerns to be synchronised (rulebook 7). */
export function makeRequestSync({ log, signals, now, wait }: Deps): RequestSync {
  return async (requests, { signal }) => {
    const entries = requests.map(({ record, reason, isBulk = false }) =>
      toRequestEntry({ now, randomId: randomUUID, randomBytes }, 'relationship', {
        record,
        reason,
        ...(isBulk ? { bulk: true } : {}),
      }),
    )
    for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        await log.append(entries)
        return
      } catch (error) {
        signals.logAway(error)
        signal.throwIfAborted()
        await wait(waitMs, signal)
      }
    }
  }
}

import { randomBytes, randomUUID } from 'node:crypto'
import type { Entry, EventLog } from '../../../event-log/event-log.ts'
import type { GatewayEvent, SyncRequest } from '../../../schemas/event.ts'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import { toSchemaId } from '../../../schemas/topics.ts'

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
    const entries = requests.map((request) => toEntry(request, now()))
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

function toEntry({ record, reason, isBulk = false }: Request, at: number): Entry {
  const hex = (size: number) => randomBytes(size).toString('hex')
  // W3C: the trace begins with the relationship.
  const traceparent = `00-${hex(16)}-${hex(8)}-01`
  const event: GatewayEvent<SyncRequest> = {
    specversion: '1.0',
    id: `sync.request/${randomUUID()}`,
    source: '/gateway',
    type: 'sync.request',
    subject: record.split(':').at(-1) ?? record,
    time: new Date(at).toISOString(),
    dataschema: toSchemaId('sync.request'),
    datacontenttype: 'application/json',
    partitionkey: record,
    origin: 'relationship',
    traceparent,
    data: { record, reason, ...(isBulk ? { bulk: true } : {}) },
  }
  return {
    topic: 'sync.request',
    key: record,
    value: Buffer.from(JSON.stringify(event)),
    headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8', traceparent },
  }
}

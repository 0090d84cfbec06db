import type { Entry } from '../event-log/event-log.ts'
import type { GatewayEvent, Origin, SyncRequest } from '../schemas/event.ts'
import { toSchemaId } from '../schemas/topics.ts'
import { toOwnEntry } from './to-own-entry.ts'

type Deps = {
  readonly now: () => number
  readonly randomId: () => string
  readonly randomBytes: (size: number) => Buffer
}

/** The entry on `sync.request` that asks for a record to be synchronised; a trace begins with it (W3C). */
export function toRequestEntry(
  { now, randomId, randomBytes }: Deps,
  origin: Origin,
  request: SyncRequest,
): Entry {
  const { record } = request
  const hex = (size: number) => randomBytes(size).toString('hex')
  const event: GatewayEvent<SyncRequest> = {
    specversion: '1.0',
    id: `sync.request/${randomId()}`,
    source: '/gateway',
    type: 'sync.request',
    subject: record.split(':').at(-1) ?? record,
    time: new Date(now()).toISOString(),
    dataschema: toSchemaId('sync.request'),
    datacontenttype: 'application/json',
    partitionkey: record,
    traceparent: `00-${hex(16)}-${hex(8)}-01`,
    origin,
    data: request,
  }
  return toOwnEntry('sync.request', event)
}

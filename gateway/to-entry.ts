import { hash } from 'node:crypto'
import type { Entry } from '../event-log/event-log.ts'
import type { GatewayEvent } from '../schemas/event.ts'
import type { Quarantined } from '../schemas/quarantined.ts'
import { toSchemaId } from '../schemas/topics.ts'
import { toEventHeaders, toOwnEntry } from '../sdk/to-own-entry.ts'
import { toIsoTime } from './to-iso-time.ts'
import type { NotUnderstood, Understood } from './understood.ts'

/** The event as it stands on its topic, with the sender's own text spliced in as `native`. */
export function toEventEntry({
  topic,
  event,
  nativeText,
}: Extract<Understood, { kind: 'event' }>): Entry {
  // `data` is the last member of the event and has members: the text ends with the two braces.
  const { data, ...rest } = event
  const text = JSON.stringify({ ...rest, data })
  return {
    topic,
    key: event.partitionkey,
    value: Buffer.from(`${text.slice(0, -2)},"native":${toOneLine(nativeText)}}}`),
    headers: toEventHeaders(event.traceparent),
  }
}

/** Line ends stand between JSON's tokens only; on one line an event also fits line-wise readers. */
function toOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ') : text
}

type From = {
  readonly source: Quarantined['from']
  readonly receivedAt: number
  readonly traceparent: string
}

/** What was not understood, whole, with the reason. The same body has the same event id. */
export function toQuarantineEntry(
  what: NotUnderstood & { readonly bodyBytes?: Uint8Array },
  { source, receivedAt, traceparent }: From,
): Entry {
  const { code, reason, bodyText, bodyBytes } = what
  const bodyHash = hash('sha256', bodyBytes ?? bodyText, 'hex')
  const key = what.about ?? `${source}:delivery:${bodyHash.slice(0, 16)}`
  const at = toIsoTime(receivedAt) ?? '1970-01-01T00:00:00Z'
  const event: GatewayEvent<Quarantined> = {
    specversion: '1.0',
    id: `gateway.quarantine/${source}/${bodyHash}`,
    source: '/gateway',
    type: 'gateway.quarantine',
    subject: bodyHash,
    time: at,
    dataschema: toSchemaId('gateway.quarantine'),
    datacontenttype: 'application/json',
    partitionkey: key,
    origin: 'webhook',
    traceparent,
    data: {
      from: source,
      code,
      reason,
      receivedAt: at,
      ...(bodyBytes === undefined
        ? { encoding: 'utf-8', body: bodyText }
        : { encoding: 'base64', body: Buffer.from(bodyBytes).toString('base64') }),
    },
  }
  return toOwnEntry('gateway.quarantine', event)
}

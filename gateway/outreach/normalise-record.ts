import type { OutreachRecord } from '../../clients/outreach/outreach-client.ts'
import type { Entry } from '../../event-log/event-log.ts'
import { toEventEntry } from '../to-entry.ts'
import { normaliseDelivery } from './normalise-delivery.ts'

type Polled = {
  /** The record that the event is about: another than the one read, where that is a part of it. */
  readonly about: { readonly type: string; readonly id: string }
  readonly version: string
  /** Our clock, epoch ms. */
  readonly foundAt: number
  readonly traceparent: string
}

/**
 * The event of a record that a poller read, with an id of this door, made of type, id and version
 * (product 4). It names nothing as changed: nobody told what did. Undefined for what has no topic.
 */
export function normaliseRecord(read: OutreachRecord, polled: Polled): Entry | undefined {
  const { about, version, foundAt, traceparent } = polled
  const { updatedAt, createdAt } = read.attributes
  const isNew = about.type === read.type && createdAt !== undefined && createdAt === updatedAt
  const delivery = {
    data: { type: about.type, id: about.id, attributes: { updatedAt } },
    meta: { eventName: `${about.type}.${isNew ? 'created' : 'updated'}` },
  }
  const { type, id, attributes, links } = read
  const text = JSON.stringify({ type, id, attributes, links })
  const arrived = { text, bodyHash: () => '', receivedAt: foundAt, traceparent }
  const understood = normaliseDelivery(delivery, arrived)
  if (understood.kind !== 'event') return undefined
  const { event } = understood
  const told = {
    ...event,
    id: `${event.type}/${about.id}/polled-${version}`,
    origin: 'reconciliation' as const,
    data: { ...event.data, changed: {} },
  }
  return toEventEntry({ ...understood, event: told })
}

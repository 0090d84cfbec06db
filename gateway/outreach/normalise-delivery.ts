import {
  validateDelivery,
  type OutreachDelivery,
} from '../../schemas/outreach/validate-delivery.ts'
import { readRecordRef, toRecordRef, type RecordRef } from '../../schemas/record-ref.ts'
import {
  outreachWithoutTopic,
  prospectPartsOfOutreach,
  topicOfOutreachResource,
  toSchemaId,
  type RecordTopic,
} from '../../schemas/topics.ts'
import { readIsoTime, toIsoTime } from '../to-iso-time.ts'
import { toRecordId } from '../to-record-id.ts'
import type { Arrived, EventSoFar, NotUnderstood, Understood } from '../understood.ts'
import { readBefore } from './read-before.ts'
import { readLink, readRelationships } from './read-relationships.ts'

/** One event for one Outreach delivery; the same body has the same event id, however often it comes. */
export function normaliseDelivery(body: unknown, arrived: Arrived): Understood {
  const validated = validateDelivery(body)
  if (validated.kind === 'invalid') {
    return notUnderstood(arrived, 'malformed', { reason: validated.why })
  }

  const delivery = validated.value
  const { type, relationships } = delivery.data
  const [resource = '', action = ''] = delivery.meta.eventName.split('.')
  if (resource !== type) {
    const reason = `meta.eventName speaks of "${resource}", data.type of "${type}"`
    return notUnderstood(arrived, 'malformed', { reason })
  }
  if (outreachWithoutTopic.has(type)) return { kind: 'counted' }

  if (prospectPartsOfOutreach.has(type)) {
    const prospect = readLink(relationships?.['prospect'])
    if (typeof prospect !== 'string') return { kind: 'counted' }
    // The part's attributes are not the prospect's: the event says only that something there changed.
    return toEvent(delivery, arrived, { topic: 'outreach.prospect', data: partOf(prospect) })
  }
  return normaliseRecord(delivery, action, arrived)
}

function normaliseRecord(delivery: OutreachDelivery, action: string, arrived: Arrived): Understood {
  const { type, attributes, relationships } = delivery.data
  const id = toRecordId(delivery.data.id)
  const topic = topicOfOutreachResource.get(type)
  if (topic === undefined) {
    const about = id === undefined ? undefined : toReadableRef(type, id)
    const reason = `no resource "${type}" is known`
    return notUnderstood(arrived, 'unknown-resource', { reason, about })
  }
  if (id === undefined) {
    const reason = 'data.id must be a whole number above 0'
    return notUnderstood(arrived, 'malformed', { reason })
  }
  return toEvent(delivery, arrived, {
    topic,
    data: {
      action,
      record: { type, id },
      changed: attributes ?? {},
      before: {},
      links: readRelationships(relationships),
      ...readBefore(delivery.beforeUpdate),
    },
  })
}

type Change = EventSoFar['data']
type Spoken = { readonly topic: RecordTopic; readonly data: Change }

function partOf(prospect: string): Change {
  return {
    action: 'updated',
    record: { type: 'prospect', id: prospect },
    changed: {},
    before: {},
    links: {},
  }
}

function toEvent(
  delivery: OutreachDelivery,
  arrived: Arrived,
  { topic, data }: Spoken,
): Understood {
  const { type: recordType, id } = data.record
  const type = `outreach.${recordType}.${data.action}`
  return {
    kind: 'event',
    topic,
    event: {
      specversion: '1.0',
      id: `${type}/${id}/${arrived.bodyHash()}`,
      source: '/outreach',
      type,
      subject: id,
      time: timeOf(delivery, arrived),
      dataschema: toSchemaId(topic),
      datacontenttype: 'application/json',
      partitionkey: toRecordRef({ system: 'outreach', type: recordType, id }),
      origin: 'webhook',
      traceparent: arrived.traceparent,
      data,
    },
    nativeText: arrived.text,
  }
}

function timeOf({ data, meta }: OutreachDelivery, { receivedAt }: Arrived): string {
  // A destroyed record's `updatedAt` is that of its last change, not of its end.
  const updatedAt = meta.eventName.endsWith('.destroyed')
    ? undefined
    : data.attributes?.['updatedAt']
  return (
    readIsoTime(updatedAt) ?? readIsoTime(meta.deliveredAt) ?? toIsoTime(receivedAt) ?? epochStart
  )
}

const epochStart = '1970-01-01T00:00:00Z'

function toReadableRef(type: string, id: string): RecordRef | undefined {
  const ref = toRecordRef({ system: 'outreach', type, id })
  return readRecordRef(ref) === undefined ? undefined : ref
}

type Why = { readonly reason: string; readonly about?: RecordRef | undefined }

function notUnderstood(
  { text }: Arrived,
  code: NotUnderstood['code'],
  { reason, about }: Why,
): NotUnderstood {
  const base = { kind: 'not-understood', code, reason, bodyText: text } as const
  return about === undefined ? base : { ...base, about }
}

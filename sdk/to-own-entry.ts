import type { Entry } from '../event-log/event-log.ts'
import type { GatewayEvent } from '../schemas/event.ts'
import type { Topic } from '../schemas/topics.ts'

const contentType = 'application/cloudevents+json; charset=UTF-8'

/** An event of our own as it stands on its topic: its key is that of the record that it is about (product 4). */
export function toOwnEntry(topic: Topic, event: GatewayEvent): Entry {
  return {
    topic,
    key: event.partitionkey,
    value: Buffer.from(JSON.stringify(event)),
    headers: toEventHeaders(event.traceparent),
  }
}

export function toEventHeaders(traceparent: string | undefined): Readonly<Record<string, string>> {
  return { 'content-type': contentType, ...(traceparent === undefined ? {} : { traceparent }) }
}

import { sharedSchemas, topicSchemas } from '../schemas/topic-schemas.ts'
import { topics, type Topic } from '../schemas/topics.ts'

/** What stands on each topic, as AsyncAPI 3.0, made from the schemas that events are validated with (product 4). */
export function renderAsyncApi(version: string): unknown {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Workbooks - Outreach event gateway',
      version,
      description:
        'One CloudEvents 1.0 event in structured JSON a message; the key is <system>:<type>:<id> of the record, so events of one record stay in order.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(topics.map((topic) => [topic, toChannel(topic)])),
    operations: Object.fromEntries(
      topics.map((topic) => [
        toName(topic),
        { action: 'send', channel: { $ref: `#/channels/${topic}` } },
      ]),
    ),
    components: {
      messages: Object.fromEntries(topics.map((topic) => [toName(topic), toMessage(topic)])),
      schemas: Object.fromEntries(sharedSchemas.map((schema) => [nameOf(schema), schema])),
    },
  }
}

function toChannel(topic: Topic) {
  const name = toName(topic)
  return { address: topic, messages: { [name]: { $ref: `#/components/messages/${name}` } } }
}

function toMessage(topic: Topic) {
  return {
    name: topic,
    contentType: 'application/cloudevents+json; charset=UTF-8',
    headers: {
      type: 'object',
      properties: { 'content-type': { type: 'string' }, traceparent: { type: 'string' } },
    },
    payload: {
      schemaFormat: 'application/schema+json;version=draft-2020-12',
      schema: topicSchemas[topic],
    },
  }
}

function nameOf(schema: Readonly<Record<string, unknown>>): string {
  const { $id } = schema
  return typeof $id === 'string' ? ($id.split(':').at(-2) ?? $id) : 'unnamed'
}

/** Names of components may have no dots. */
function toName(topic: Topic): string {
  return topic.replaceAll('.', '-')
}

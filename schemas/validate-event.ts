import type { GatewayEvent } from './event.ts'
import { makeValidate, type Validated } from './make-validate.ts'
import { sharedSchemas, topicSchemas } from './topic-schemas.ts'
import { topics, type Topic } from './topics.ts'

const validators = new Map(
  topics.map((topic) => [topic, makeValidate<GatewayEvent>(topicSchemas[topic], sharedSchemas)]),
)

/** Whether `value` is an event as version 1 of the topic's schema describes it. */
export function validateEvent(topic: Topic, value: unknown): Validated<GatewayEvent> {
  const validate = validators.get(topic)
  return validate?.(value) ?? { kind: 'invalid', why: `there is no topic ${topic}` }
}

import { sentenceOf } from '../../runtime/errors.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'

/** What trying again does not mend, until somebody has changed something in Kafka. */
const FOR_PEOPLE: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: 'Kafka takes no event of this size: raise max.message.bytes of',
  RECORD_LIST_TOO_LARGE: 'Kafka takes no batch of this size: raise segment.bytes of',
  TOPIC_AUTHORIZATION_FAILED: 'Kafka does not let us write: allow Describe, Read and Write on',
  CLUSTER_AUTHORIZATION_FAILED: 'Kafka does not let us write: allow Describe, Read and Write on',
  INVALID_TOPIC_EXCEPTION: 'Kafka does not take events directly, or not under this name, on',
  POLICY_VIOLATION: 'A policy of this Kafka forbids events like ours on',
  INVALID_REQUIRED_ACKS: 'Kafka does not take acks=all on',
  INVALID_RECORD:
    'Kafka refused an event as invalid (is the topic compacted, or has it a schema?) on',
}

type Cause = { readonly name?: unknown; readonly type?: unknown; readonly cause?: unknown }

/** What a send that failed means to whoever appended; `topics` with their prefix. */
export function toLogError(error: unknown, topics: readonly string[]): LogRefused | LogUnavailable {
  const type = causesOf(error).find((each) => typeof each.type === 'string')?.type
  const sentence = typeof type === 'string' ? FOR_PEOPLE[type] : undefined
  if (sentence !== undefined) {
    return new LogRefused(`${sentence} ${topics.join(', ')}.`, { cause: error })
  }
  const why = `Kafka has not taken the events: ${sentenceOf(error)}`
  return new LogUnavailable(why, { cause: error })
}

/** A connection that went silent stays so: kafkajs goes on using it. */
export function hasTimedOut(error: unknown): boolean {
  return causesOf(error).some(({ name }) => name === 'KafkaJSRequestTimeoutError')
}

/** kafkajs wraps errors in errors; the first one's `cause` may be itself. */
function causesOf(error: unknown): readonly Cause[] {
  const causes: Cause[] = []
  for (let at = error; typeof at === 'object' && at !== null && !causes.includes(at);) {
    causes.push(at)
    at = (at as Cause).cause // an object, as was just asked
  }
  return causes
}

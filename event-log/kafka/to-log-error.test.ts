import assert from 'node:assert/strict'
import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded } from 'kafkajs'
import { KafkaJSProtocolError, KafkaJSRequestTimeoutError } from 'kafkajs'
import { describe, test } from 'vitest'
import { hasTimedOut, toLogError } from './to-log-error.ts'

const protocol = (type: string, retriable: boolean) =>
  new KafkaJSProtocolError(Object.assign(new Error(`said ${type}`), { type, code: 1, retriable }))
const wrapped = (error: Error) =>
  new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 0, retryTime: 1 })

describe('a send that failed', () => {
  // prettier-ignore
  const rows: readonly { says: string; error: Error; retry: 'later' | 'never'; why: RegExp }[] = [
    { says: 'too large: for people',          error: protocol('MESSAGE_TOO_LARGE', false),                   retry: 'never', why: /raise max\.message\.bytes of p\.a, p\.b\.$/ },
    { says: 'not allowed: for people',        error: protocol('TOPIC_AUTHORIZATION_FAILED', false),          retry: 'never', why: /allow Describe, Read and Write on p\.a/ },
    { says: 'the same, wrapped',              error: wrapped(protocol('TOPIC_AUTHORIZATION_FAILED', false)), retry: 'never', why: /allow Describe/ },
    { says: 'too few replicas: later',        error: wrapped(protocol('NOT_ENOUGH_REPLICAS', true)),         retry: 'later', why: /has not taken the events: said NOT_ENOUGH_REPLICAS/ },
    { says: 'a topic that is not there yet',  error: protocol('UNKNOWN_TOPIC_OR_PARTITION', true),           retry: 'later', why: /UNKNOWN_TOPIC/ },
    { says: 'no connection: later',           error: new KafkaJSConnectionError('Connection error: x'),     retry: 'later', why: /Connection error: x/ },
    { says: 'what nobody foresaw: later',     error: new Error('odd'),                                      retry: 'later', why: /odd/ },
  ]
  test.each(rows)('$says', ({ error, retry, why }) => {
    const known = toLogError(error, ['p.a', 'p.b'])
    assert.equal(known.retry, retry)
    assert.match(known.message, why)
    assert.equal(known.cause, error)
  })

  test('has timed out, also where kafkajs has wrapped it', () => {
    const facts = { broker: 'b', clientId: 'c', correlationId: 1, createdAt: 1, sentAt: 1 }
    const timeout = new KafkaJSRequestTimeoutError('timed out', { ...facts, pendingDuration: 0 })
    assert(hasTimedOut(timeout) && hasTimedOut(wrapped(timeout)))
    assert(!hasTimedOut(wrapped(new KafkaJSConnectionError('x'))))
  })
})

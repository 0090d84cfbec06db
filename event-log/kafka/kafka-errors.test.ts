import assert from 'node:assert/strict'
import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs'
import { test } from 'vitest'
import { LogUnavailable } from '../log-unavailable.ts'
import { isForeseen, refusalOf, typeOf } from './kafka-errors.ts'

const protocolError = (type: string) =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 1, retriable: false }))
const wrapped = (error: Error) =>
  new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 100 })

test('the type of an error is found also where it is wrapped', () => {
  assert.equal(typeOf(wrapped(protocolError('ILLEGAL_GENERATION'))), 'ILLEGAL_GENERATION')
  assert.equal(typeOf(new Error('plain')), undefined)
})

// prettier-ignore
const rows = [
  { says: 'a topic that is not ours', error: wrapped(protocolError('TOPIC_AUTHORIZATION_FAILED')), refused: /use a topic of ours/ },
  { says: 'a group that was not made beforehand', error: protocolError('GROUP_AUTHORIZATION_FAILED'), refused: /heroku kafka:consumer-groups:create/ },
  { says: 'a broker that is away', error: wrapped(new Error('ECONNREFUSED')), refused: undefined },
  { says: 'a rebalance', error: protocolError('REBALANCE_IN_PROGRESS'), refused: undefined },
]

test.each(rows)('trying again: $says', ({ error, refused }) => {
  const why = refusalOf(error)
  if (refused === undefined) assert.equal(why, undefined)
  else assert.match(why ?? '', refused)
})

test('what brokers do is foreseen, a fault of code is not', () => {
  assert.equal(isForeseen(protocolError('NOT_LEADER_FOR_PARTITION')), true)
  assert.equal(isForeseen(new LogUnavailable('away')), true)
  assert.equal(isForeseen(wrapped(new TypeError('x is undefined'))), false)
  assert.equal(isForeseen(new Error('thrown by whoever took')), false)
})

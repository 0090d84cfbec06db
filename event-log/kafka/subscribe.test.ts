import assert from 'node:assert/strict'
import { test } from 'vitest'
import { LogUnavailable } from '../log-unavailable.ts'
import type { BrokerCalls } from './broker-calls.ts'
import type { Place } from './place.ts'
import { makeKafkaSubscribe } from './subscribe.ts'

/** Kafka is away until the first question is answered; who joins asks for a line. */
function awayKafka() {
  let answer: (places: readonly Place[]) => void = () => {}
  const answered = new Promise<readonly Place[]>((resolve) => (answer = resolve))
  let joins = 0
  const calls: Partial<BrokerCalls> = {
    partitionsOf: () => answered,
    committed: () => Promise.resolve([{ topic: 't', partition: 0, offset: 0 }]),
  }
  const consumers = makeKafkaSubscribe({
    openLine: () => {
      joins++
      throw new Error('no network here')
    },
    calls: calls as BrokerCalls, // the two that come before joining
    prefix: '',
    signals: { brokerSaid: () => undefined },
    died: () => undefined,
  })
  const subscribe = (signal?: AbortSignal) => {
    const what = { group: 'g', topics: ['t'], startFrom: 'beginning', maxInHand: 1 } as const
    return consumers.subscribe({ ...what, ...(signal && { signal }) }, () => undefined)
  }
  const comeBack = async () => {
    answer([{ topic: 't', partition: 0 }])
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { ...consumers, subscribe, comeBack, joins: () => joins }
}

test('called off while Kafka is away: it rejects at once, and nothing joins when Kafka is back', async () => {
  const kafka = awayKafka()
  const stopping = new AbortController()
  const subscribed = kafka.subscribe(stopping.signal)
  stopping.abort()
  await assert.rejects(subscribed, { name: 'LogUnavailable', retry: 'later' })
  await kafka.comeBack()
  assert.equal(kafka.joins(), 0)
})

test('called off, the group can be subscribed again; called off before, it is not even begun', async () => {
  const kafka = awayKafka()
  const stopping = new AbortController()
  const subscribed = kafka.subscribe(stopping.signal)
  stopping.abort()
  await assert.rejects(subscribed, LogUnavailable)
  await assert.rejects(kafka.subscribe(stopping.signal), /called off/)
  const again = kafka.subscribe()
  await kafka.comeBack()
  assert.equal(kafka.joins(), 1)
  await kafka.end()
  await assert.rejects(again, LogUnavailable)
})

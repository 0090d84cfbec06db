import assert from 'node:assert/strict'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { makeTaker, textOf } from '../event-log.contract.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { openConsumerLog } from './consumer-log.fixture.ts'
import type { ConsumerLog } from './consumer-log.fixture.ts'
import { startKafka } from './start-kafka.fixture.ts'
import type { KafkaBroker } from './start-kafka.fixture.ts'

/** More than the broker is given, so that its own sentence is read, and nothing is left running. */
const STARTS_WITHIN_MS = 150_000

describe('what is asked of a cluster without joining a group', () => {
  const topic = 't'
  let broker: KafkaBroker
  let log: ConsumerLog
  let tests = 0
  let prefix = ''
  let nowMs = 0
  const append = (...words: readonly string[]) =>
    log.append(words.map((word) => ({ topic, key: word, value: Buffer.from(word) })))
  const read = async (
    from: { readonly offset: bigint } | { readonly time: number },
    limit = 100,
    partition = 0,
  ) => (await log.read({ topic, partition, from, limit })).map(textOf)
  const doneBy = async (group: string, count: number) => {
    const taker = makeTaker()
    const what = { group, topics: [topic], startFrom: 'beginning', maxInHand: 100 } as const
    const subscription = await log.subscribe(what, taker.take)
    for (const { done } of (await taker.until(count)).slice(0, count)) done()
    await subscription.stop()
  }

  beforeAll(async () => {
    broker = await startKafka()
  }, STARTS_WITHIN_MS)
  afterAll(() => broker[Symbol.asyncDispose]())
  beforeEach(async () => {
    nowMs = Date.now()
    prefix = `test-${++tests}.`
    log = openConsumerLog({
      address: broker.address,
      prefix,
      now: () => nowMs,
    })
    await log.create(topic, 1)
  })
  afterEach(() => log[Symbol.asyncDispose]())

  test('a page has as many entries as were asked for, over many answers of the broker', async () => {
    const big = Array.from({ length: 12 }, (_, n) => `${n} `.padEnd(300_000, 'x'))
    for (const word of big) await append(word)
    assert.deepEqual(await read({ offset: 0n }), big)
    assert.deepEqual(await read({ offset: 3n }, 7), big.slice(3, 10))
    assert.deepEqual(await read({ offset: 12n }), [])
    assert.deepEqual(await read({ offset: 99n }), [])
  })

  test('what was deleted is skipped', async () => {
    await append('a', 'b', 'c', 'd')
    const admin = log.kafka.admin()
    await admin.connect()
    const partitions = [{ partition: 0, offset: '2' }]
    // kafkajs forgets to learn of the topic here.
    await admin.fetchTopicMetadata({ topics: [`test-${tests}.${topic}`] })
    await admin.deleteTopicRecords({ topic: `test-${tests}.${topic}`, partitions })
    await admin.disconnect()
    assert.deepEqual(await read({ offset: 0n }), ['c', 'd'])
    assert.deepEqual(await read({ time: 0 }), ['c', 'd'])
    const taker = makeTaker()
    const what = {
      group: `${prefix}gateway-a`,
      topics: [topic],
      startFrom: 'beginning',
      maxInHand: 9,
    } as const
    await log.subscribe(what, taker.take)
    assert.deepEqual((await taker.until(2)).map(textOf), ['c', 'd'])
  })

  test('what was rolled back is not read, and the end of a transaction is no entry', async () => {
    const producer = log.kafka.producer({
      transactionalId: `test-${tests}`,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const send = async (word: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({
        topic: `test-${tests}.${topic}`,
        messages: [{ key: word, value: word }],
      })
      await transaction[end]()
    }
    await send('a', 'commit')
    await send('b', 'abort')
    await send('c', 'commit')
    await producer.disconnect()
    assert.deepEqual(await read({ offset: 0n }), ['a', 'c'])
    await doneBy('gateway-a', 2)
    const [lag] = await log.lags()
    assert.deepEqual(lag, { group: `${prefix}gateway-a`, events: 0, seconds: 0 })
  })

  test('a partition and a topic that are not there are told in a sentence', async () => {
    await assert.rejects(read({ offset: 0n }, 1, 7), (error: unknown) => {
      assert(error instanceof LogRefused)
      assert.match(error.message, /has no partition 7/)
      return true
    })
    const away = log.read({ topic: 'away', partition: 0, from: { offset: 0n }, limit: 1 })
    await assert.rejects(away, LogUnavailable)
  })

  test('a broker that was killed and came back is read again', async () => {
    await append('a')
    assert.deepEqual(await read({ offset: 0n }), ['a'])
    await broker.kill()
    await assert.rejects(read({ offset: 0n }), LogUnavailable)
    await broker.start()
    assert.deepEqual(await read({ offset: 0n }), ['a'])
  })

  test('lags of all groups of ours, and of nobody else; seconds are the age of the oldest', async () => {
    await append('a', 'b', 'c')
    await doneBy('gateway-one', 2)
    await doneBy('gateway-two', 3)
    await doneBy('foreign', 1)
    const [third] = await log.read({ topic, partition: 0, from: { offset: 2n }, limit: 1 })
    nowMs = (third?.keptAt ?? 0) + 90_000
    const lags = [...(await log.lags())].sort((a, b) => a.group.localeCompare(b.group))
    assert.deepEqual(lags, [
      { group: `${prefix}gateway-one`, events: 1, seconds: 90 },
      { group: `${prefix}gateway-two`, events: 0, seconds: 0 },
    ])
    await append('d')
    assert.equal(await log.lags().then((again) => again.length), 2)
    nowMs += 1_000
    const later = new Map((await log.lags()).map(({ group, events }) => [group, events]))
    assert.deepEqual(Object.fromEntries(later), {
      [`${prefix}gateway-one`]: 2,
      [`${prefix}gateway-two`]: 1,
    })
  })

  test('a group that began and was handed nothing yet is behind by what waits', async () => {
    await append('a', 'b')
    const what = {
      group: 'gateway-new',
      topics: [topic],
      startFrom: 'beginning',
      maxInHand: 1,
    } as const
    await (await log.subscribe(what, () => {})).stop()
    assert.deepEqual(
      (await log.lags()).map(({ group, events }) => [group, events]),
      [[`${prefix}gateway-new`, 2]],
    )
  })
})

import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { ConfigResourceTypes } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import type { Entry, Handed, Kept, Subscribe } from '../event-log.ts'
import { makeTaker, textOf } from '../event-log.contract.ts'
import { LogRefused } from '../log-refused.ts'
import { openConsumerLog } from './consumer-log.fixture.ts'
import type { ConsumerLog } from './consumer-log.fixture.ts'
import { joinGroup } from './member.fixture.ts'
import { makeOrderWatch } from './order-watch.fixture.ts'
import { startKafka } from './start-kafka.fixture.ts'
import type { KafkaBroker } from './start-kafka.fixture.ts'
import { until } from './until.fixture.ts'

/** More than the broker is given, so that its own sentence is read, and nothing is left running. */
const STARTS_WITHIN_MS = 150_000

describe('the group of a log on Kafka', () => {
  const topic = 't'
  let broker: KafkaBroker
  let prefix = ''
  let tests = 0
  let opened: ConsumerLog[]

  const open = (options: { readonly died?: (error: unknown) => void } = {}) => {
    const log = openConsumerLog({ address: broker.address, prefix, ...options })
    opened.push(log)
    return log
  }
  const whatOf = (what: Partial<Subscribe> = {}): Subscribe => ({
    group: 'gateway-one',
    topics: [topic],
    startFrom: 'beginning',
    maxInHand: 100,
    ...what,
  })
  const entriesOf = (count: number, { keys = 40, from = 0 } = {}): readonly Entry[] =>
    Array.from({ length: count }, (_, n) => ({
      topic,
      key: `key-${(from + n) % keys}`,
      value: Buffer.from(String(from + n)),
    }))
  /** Tells the watch what is committed at this moment; answers whether that is everything. */
  const isAllCommitted = async (log: ConsumerLog, watch: ReturnType<typeof makeOrderWatch>) => {
    const committed = await log.calls.committed(`${prefix}gateway-one`)
    for (const { partition, offset } of committed) {
      watch.note({ kind: 'committed', partition, offset })
    }
    const ends = await log.calls.offsetsAt(committed, 'end')
    const total = (offsets: readonly { readonly offset: number }[]) =>
      offsets.reduce((sum, { offset }) => sum + offset, 0)
    return total(committed) === total(ends)
  }

  beforeAll(async () => {
    broker = await startKafka()
  }, STARTS_WITHIN_MS)
  afterAll(() => broker[Symbol.asyncDispose]())
  beforeEach(() => {
    prefix = `test-${++tests}.`
    opened = []
  })
  afterEach(async () => {
    await Promise.all(opened.map((log) => log[Symbol.asyncDispose]()))
  })

  test('members join and leave: nothing is lost, no order is broken, nothing is committed before it is done', async () => {
    const [writer, ...logs] = [open(), open(), open(), open()]
    await writer.create(topic, 4)
    const watch = makeOrderWatch()
    const total = 4_000
    for (let from = 0; from < total; from += 500) await writer.append(entriesOf(500, { from }))
    const join = (log: ConsumerLog, name: string) =>
      joinGroup(log, {
        name,
        what: whatOf(),
        say: watch.note,
        work: ({ at }) => wait(Number(at.offset) % 4),
      })
    const joinAt = (count: number, log: ConsumerLog | undefined, name: string) =>
      until(() => watch.doneCount() >= count).then(() => {
        assert(log !== undefined)
        return join(log, name)
      })

    const [a, b, c] = await Promise.all([
      joinAt(0, logs[0], 'a'),
      joinAt(400, logs[1], 'b'),
      joinAt(900, logs[2], 'c'),
    ])
    await until(() => watch.doneCount() >= 1_600)
    await isAllCommitted(writer, watch)
    await b.stop()
    await isAllCommitted(writer, watch)
    await until(() => watch.doneCount() >= 2_300)
    await a.stop()
    const again = await joinAt(2_800, logs[0], 'd')
    await until(() => isAllCommitted(writer, watch))
    await Promise.all([c.stop(), again.stop()])
    assert.deepEqual(watch.wrong(), [])
    assert.equal(watch.doneCount(), total)
  })

  test('what was done before a rebalance is not handed out again, and none of it is done afterwards', async () => {
    const [one, two] = [open(), open()]
    await one.create(topic, 1)
    await one.append(entriesOf(10, { keys: 1 }))
    const first = makeTaker()
    await one.subscribe(whatOf(), first.take)
    const before = await first.until(10)
    for (const { done } of before.slice(0, 4)) done()
    const owned = first.owned()
    // A second member, of one partition: it moves, or stays and is begun again.
    const second = makeTaker()
    await two.subscribe(whatOf(), second.take)
    assert.equal(owned?.aborted, true)
    for (const { done } of before.slice(4)) done()
    const next = await Promise.race([first.until(16), second.until(6)])
    assert.deepEqual(next.slice(-6).map(textOf), ['4', '5', '6', '7', '8', '9'])
  })

  test('a broker that is killed and comes back: all is handled, in order', async () => {
    const [writer, log] = [open(), open()]
    await writer.create(topic, 3)
    const watch = makeOrderWatch()
    await writer.append(entriesOf(600))
    await joinGroup(log, {
      name: 'a',
      what: whatOf({ maxInHand: 20 }),
      say: watch.note,
      work: () => wait(5),
    })
    await until(() => watch.doneCount() >= 100)
    await broker.kill()
    await broker.start()
    await writer.append(entriesOf(200, { from: 600 }))
    await until(() => isAllCommitted(writer, watch), 90_000)
    assert.deepEqual(watch.wrong(), [])
  })

  test('a broker that hangs: work is let go before others can have it, and all is handled in the end', async () => {
    const [writer, log] = [open(), open()]
    await writer.create(topic, 2)
    const watch = makeOrderWatch()
    await writer.append(entriesOf(300))
    const member = await joinGroup(log, {
      name: 'a',
      what: whatOf({ maxInHand: 20 }),
      say: watch.note,
      work: () => wait(5),
    })
    await until(() => watch.doneCount() >= 60)
    broker.freeze()
    try {
      await until(() => member.owned()?.aborted === true, 15_000)
    } finally {
      broker.thaw()
    }
    await until(() => isAllCommitted(writer, watch))
    assert.deepEqual(watch.wrong(), [])
  })

  test('a group that begins at the end misses nothing while it is away, though it never committed', async () => {
    const log = open()
    await log.create(topic, 3)
    await log.append(entriesOf(9))
    const what = whatOf({ startFrom: 'end' })
    await (await log.subscribe(what, () => {})).stop()
    await log.append(entriesOf(9, { from: 9 }))
    const taker = makeTaker()
    await log.subscribe(what, taker.take)
    const numbers = (await taker.until(9)).map((entry) => Number(textOf(entry)))
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      [9, 10, 11, 12, 13, 14, 15, 16, 17],
    )
  })

  test('a group is subscribed once in a process', async () => {
    const log = open()
    await log.create(topic, 1)
    const one = await log.subscribe(whatOf(), () => {})
    await assert.rejects(
      log.subscribe(whatOf(), () => {}),
      LogRefused,
    )
    await one.stop()
    await (await log.subscribe(whatOf(), () => {})).stop()
  })

  test('records of others are handed out too: no key, no value, headers of bytes', async () => {
    const log = open()
    await log.create(topic, 1)
    const producer = log.kafka.producer()
    await producer.connect()
    await producer.send({
      topic: prefix + topic,
      messages: [
        { key: null, value: null },
        { key: 'k', value: 'v', headers: { a: Buffer.from('1'), b: ['2', Buffer.from('3')] } },
      ],
    })
    await producer.disconnect()
    const taker = makeTaker()
    await log.subscribe(whatOf(), taker.take)
    const shown = ({ key, headers, ...entry }: Kept) => ({
      key,
      headers,
      value: textOf({ ...entry }),
    })
    const expected = [
      { key: '', headers: undefined, value: '' },
      { key: 'k', headers: { a: '1', b: '3' }, value: 'v' },
    ]
    assert.deepEqual((await taker.until(2)).map(shown), expected)
    const read = await log.read({ topic, partition: 0, from: { offset: 0n }, limit: 9 })
    assert.deepEqual(read.map(shown), expected)
  })

  test('records that cannot be read end the process with the reason', async () => {
    const reasons: unknown[] = []
    const log = open({ died: (error) => reasons.push(error) })
    await log.create(topic, 1)
    await log.subscribe(whatOf(), () => {})
    const admin = log.kafka.admin()
    await admin.connect()
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: prefix + topic,
          configEntries: [{ name: 'compression.type', value: 'lz4' }],
        },
      ],
    })
    await admin.disconnect()
    await log.append(entriesOf(5, { keys: 1 }))
    await until(() => reasons.length > 0)
    assert.match(
      String(reasons[0]),
      /LogRefused: Group test-\d+\.gateway-one cannot go on\. A topic .*LZ4 compression.*gzip/,
    )
  })

  test('10,000 entries of 1,000 keys of one partition are handled 100 at a time, each key in order', async () => {
    const log = open()
    await log.create(topic, 1)
    const total = 10_000
    for (let from = 0; from < total; from += 1_000) {
      await log.append(entriesOf(1_000, { keys: 1_000, from }))
    }
    const watch = makeOrderWatch()
    const lastOf = new Map<string, number>()
    let atOnce = 0
    let most = 0
    const work = async (entry: Handed) => {
      most = Math.max(most, ++atOnce)
      await wait(Number(entry.at.offset) % 6)
      atOnce--
      const number = Number(textOf(entry))
      assert.equal(number, (lastOf.get(entry.key) ?? (number % 1_000) - 1_000) + 1_000)
      lastOf.set(entry.key, number)
    }
    await joinGroup(log, { name: 'a', what: whatOf({ maxInHand: 100 }), say: watch.note, work })
    await until(() => isAllCommitted(log, watch))
    assert.deepEqual(watch.wrong(), [])
    assert(most > 50 && most <= 100, `${most} at once`)
  })
})

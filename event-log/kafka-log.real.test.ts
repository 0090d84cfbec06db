import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest'
import type { Entry } from './event-log.ts'
import { eventLogContract } from './event-log.contract.ts'
import { openKafkaLog } from './kafka-log.ts'
import type { KafkaLog, KafkaLogOptions } from './kafka-log.ts'
import { makeKafka } from './kafka/make-kafka.ts'
import { openProduceProxy } from './kafka/produce-proxy.fixture.ts'
import type { ProduceProxy } from './kafka/produce-proxy.fixture.ts'
import { startKafka } from './kafka/start-kafka.fixture.ts'
import type { KafkaBroker } from './kafka/start-kafka.fixture.ts'
import { LogRefused } from './log-refused.ts'
import { LogUnavailable } from './log-unavailable.ts'

const MIB = 1024 * 1024
const NAMES = ['outreach.account', 'outreach.prospect']
const quiet: KafkaLogOptions['signals'] = {
  brokerSaid: () => undefined,
  sendFailed: () => undefined,
  topicsCreated: () => undefined,
  topicDiffers: () => undefined,
  topicsAway: () => undefined,
}

let proxy: ProduceProxy
let broker: KafkaBroker
let prefixes = 0

beforeAll(async () => {
  proxy = await openProduceProxy()
  broker = await startKafka({ advertisedPort: proxy.port })
  proxy.leadTo(broker.port)
})
afterAll(async () => {
  await broker[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

const makePrefix = () => `name-${++prefixes}.`
const toConnection = (prefix: string) => ({ clientId: 'log', brokers: [proxy.address], prefix })
const open = (prefix: string) =>
  openKafkaLog({
    connection: toConnection(prefix),
    topics: { names: NAMES, partitions: 3, retentionMs: 86_400_000, keepForever: [] },
    signals: quiet,
  })

eventLogContract({
  name: 'the log on Kafka',
  open: async () => {
    const prefix = makePrefix()
    const unused = [...NAMES]
    const log = await open(prefix)
    let latest = log
    return {
      log,
      reopen: async () => {
        await latest[Symbol.asyncDispose]()
        return (latest = await open(prefix))
      },
      makeTopic: () => Promise.resolve(unused.shift() ?? ''),
      close: async () => {
        await latest[Symbol.asyncDispose]()
      },
    }
  },
})

describe('the log on Kafka', () => {
  let log: KafkaLog
  const [topic = ''] = NAMES
  const toEntry = (value: Uint8Array, key = 'outreach:account:1'): Entry => ({ topic, key, value })
  const small = (n: number) => toEntry(Buffer.from(String(n)), `outreach:account:${n}`)
  const createBefore = async (prefix: string, maxMessageBytes: number) => {
    const admin = makeKafka(toConnection(prefix), quiet).admin()
    const configEntries = [{ name: 'max.message.bytes', value: String(maxMessageBytes) }]
    const numPartitions = 1
    await admin.connect()
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: prefix + topic, numPartitions, replicationFactor: 1, configEntries }],
    })
    await admin.disconnect()
  }
  afterEach(() => log[Symbol.asyncDispose]())

  test('opens while Kafka is away, says so, and appends once it is there', async () => {
    await proxy.refuse()
    log = await open(makePrefix())
    await until(async () => !(await log.health()).ok)
    const told = log.append([small(1)])
    const health = await log.health()
    assert(!health.ok)
    assert.match(health.why, /^Kafka cannot be reached at present: .*ECONNREFUSED/)
    await proxy.accept()
    assert.equal((await told)[0]?.offset, 0n)
    assert.equal(await log.partitionsOf(topic), 3)
    await until(async () => (await log.health()).ok)
  })

  test('tells that Kafka went away though nothing is appended, and that it is back', async () => {
    log = await open(makePrefix())
    await log.append([small(1)])
    assert.deepEqual(await log.health(), { ok: true })
    await proxy.refuse()
    assert.equal((await log.health()).ok, false)
    await proxy.accept()
    await until(async () => (await log.health()).ok)
  })

  test('takes an event as large as a delivery can become, into topics that it created', async () => {
    log = await open(makePrefix())
    const value = randomBytes(7 * MIB)
    const [at] = await log.append([toEntry(value)])
    assert(at !== undefined)
    const { partition, offset } = at
    const [kept] = await log.read({ topic, partition, from: { offset }, limit: 1 })
    assert(kept !== undefined && value.equals(kept.value))
  })

  test('compresses what would be too large for a topic as Kafka comes', async () => {
    const prefix = makePrefix()
    await createBefore(prefix, MIB)
    log = await open(prefix)
    await log.append([toEntry(Buffer.alloc(3 * MIB, 'native '))])
    await assert.rejects(log.append([toEntry(randomBytes(3 * MIB))]), LogRefused)
  })

  test('refuses only the event that its topic does not take, not those that went with it', async () => {
    const prefix = makePrefix()
    await createBefore(prefix, 20_000)
    log = await open(prefix)
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    const entryOf = (n: number) => (n === 17 ? toEntry(randomBytes(40_000)) : small(n))
    const settled = await Promise.allSettled(numbers.map((n) => log.append([entryOf(n)])))
    assert.deepEqual(
      numbers.filter((n) => settled[n]?.status === 'rejected'),
      [17],
    )
    const refused = settled[17]
    assert(refused?.status === 'rejected' && refused.reason instanceof LogRefused)
    assert.equal(
      refused.reason.message,
      `Kafka takes no event of this size: raise max.message.bytes of ${prefix}${topic}.`,
    )
  })

  test('takes nothing after it was closed, and says to try later', async () => {
    log = await open(makePrefix())
    await log.append([small(1)])
    await log[Symbol.asyncDispose]()
    await assert.rejects(log.append([small(2)]), LogUnavailable)
  })
})

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20))
}

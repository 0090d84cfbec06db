import assert from 'node:assert/strict'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import type { Entry, Position } from '../event-log.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { LogWithdrawn } from '../log-withdrawn.ts'
import type { SendLimits } from './make-sender.ts'
import { openSender } from './open-sender.fixture.ts'
import type { SenderUnderTest } from './open-sender.fixture.ts'
import { openProduceProxy } from './produce-proxy.fixture.ts'
import type { ProduceProxy } from './produce-proxy.fixture.ts'
import { readTopic } from './read-topic.fixture.ts'
import { startKafka } from './start-kafka.fixture.ts'
import type { KafkaBroker } from './start-kafka.fixture.ts'

const topic = 'outreach.account'
const KEYS = Array.from({ length: 7 }, (_, n) => `outreach:account:${n}`)
const IMPATIENT: SendLimits = { giveUpMs: 4_000, lastTryMs: 1_500, flushMs: 4_000 }

describe('the sender between a broker and a broken line', () => {
  let proxy: ProduceProxy
  let broker: KafkaBroker
  let sender: SenderUnderTest
  let prefix: string
  let tests = 0
  let acknowledged: { text: string; at: Position | undefined }[]
  let rejected: unknown[]

  const open = async (limits?: SendLimits) => {
    prefix = `t${++tests}.`
    sender = await openSender({
      address: proxy.address,
      prefix,
      topics: [topic],
      ...(limits && { limits }),
    })
    await warmUp()
  }
  /** A topic that was just created may want leaders for a moment; of that these tests do not tell. */
  const warmUp = async () => {
    const entries = Array.from({ length: 9 }, (_, n) => ({ ...toEntry(n), key: `warm-${n}` }))
    for (let isWarm = false; !isWarm;) {
      isWarm = await sender.append(entries).then(
        () => true,
        () => false,
      )
    }
    sender.failures.length = 0
  }
  const toEntry = (n: number): Entry => ({
    topic,
    key: KEYS[n % KEYS.length] ?? '',
    value: Buffer.from(String(n)),
  })
  const append = (n: number, withdraw?: AbortSignal) =>
    sender.append([toEntry(n)], withdraw).then(
      ([at]) => void acknowledged.push({ text: String(n), at }),
      (error: unknown) => void rejected.push(error),
    )
  const appendEach = async (from: number, to: number) => {
    for (let n = from; n < to; n++) await append(n)
  }
  const appendAll = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, n) => append(from + n)))

  /** Nothing acknowledged is missing; of each key the first occurrences stand in the order of the appends. */
  const check = async () => {
    const all = await readTopic(broker.address, prefix + topic)
    const found = all.filter(({ key }) => !key.startsWith('warm-'))
    const textAt = new Map(found.map((one) => [`${one.partition}/${one.offset}`, one.text]))
    for (const { text, at } of acknowledged) {
      assert.equal(textAt.get(`${at?.partition}/${at?.offset}`), text, 'is where we were told')
    }
    const acknowledgedTexts = new Set(acknowledged.map(({ text }) => text))
    for (const key of KEYS) {
      const numbers = found.filter((one) => one.key === key).map(({ text }) => Number(text))
      const firsts = [...new Set(numbers)].filter((n) => acknowledgedTexts.has(String(n)))
      assert.deepEqual(
        firsts,
        firsts.toSorted((a, b) => a - b),
        key,
      )
    }
    const texts = new Set(found.map(({ text }) => text))
    return { texts, doubled: found.length - texts.size }
  }

  beforeAll(async () => {
    proxy = await openProduceProxy()
    broker = await startKafka({ advertisedPort: proxy.port })
    proxy.leadTo(broker.port)
  })
  afterAll(async () => {
    await broker[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    acknowledged = []
    rejected = []
  })
  afterEach(async () => {
    proxy.passAll()
    await sender[Symbol.asyncDispose]()
    assert.equal(proxy.mostAtOnce(), 1, 'one Produce request in flight at any time')
  })

  test('an answer swallowed once, sends one by one: sent again, doubled, in order', async () => {
    await open()
    await appendEach(0, 20)
    proxy.next(1, { kind: 'cut' })
    await appendEach(20, 60)
    assert.equal(acknowledged.length, 60)
    assert.equal((await check()).doubled, 1)
  })

  test('an answer swallowed once, 200 at once: all of them acknowledged, in few sends', async () => {
    await open()
    const before = proxy.produced()
    proxy.next(1, { kind: 'cut' })
    await appendAll(0, 200)
    assert.equal(acknowledged.length, 200)
    assert.equal((await check()).doubled, 200)
    assert.equal(proxy.produced() - before, 2)
  })

  test('answers swallowed until it gives up, one by one: told so, and the next ones are kept', async () => {
    await open(IMPATIENT)
    await appendEach(0, 10)
    proxy.next(1_000, { kind: 'cut' })
    await append(10)
    assert(rejected[0] instanceof LogUnavailable)
    assert.match(rejected[0].message, /^Kafka has not taken the events: /)
    assert.notEqual(sender.trouble(), undefined)
    proxy.passAll()
    await appendEach(11, 30)
    assert.equal(sender.trouble(), undefined)
    assert.equal(acknowledged.length, 29)
    const { doubled } = await check()
    assert(doubled >= 1, 'each try arrived')
  })

  test('answers swallowed until it gives up, 200 at once and more behind: order per key unbroken', async () => {
    await open(IMPATIENT)
    proxy.next(1_000, { kind: 'cut' })
    const first = appendAll(0, 200)
    await until(() => sender.failures.length > 0)
    const behind = appendAll(200, 400)
    await until(() => rejected.length > 0)
    proxy.passAll()
    await Promise.all([first, behind])
    assert.equal(rejected.length, 200)
    assert.equal(acknowledged.length, 200)
    await check()
  })

  test('an answer later than a deadline: what is sent stays sent, what waits behind can be withdrawn', async () => {
    await open()
    await append(0)
    proxy.next(1, { kind: 'hold', ms: 700 })
    const withdrawal = new AbortController()
    const before = proxy.produced()
    const sent = append(1, withdrawal.signal)
    await until(() => proxy.produced() > before)
    const waiting = Array.from({ length: 200 }, (_, n) => append(2 + n, withdrawal.signal))
    withdrawal.abort()
    await Promise.all(waiting)
    assert.equal(acknowledged.length, 1, 'withdrawn at once, not with the answer')
    assert.equal(rejected.length, 200)
    assert(rejected.every((error) => error instanceof LogWithdrawn))
    await sent
    await append(500)
    assert.deepEqual([...(await check()).texts].toSorted(), ['0', '1', '500'])
  })

  test('who is rejected runs before the next send, and may withdraw what he queued behind', async () => {
    await open(IMPATIENT)
    await append(0)
    proxy.next(1_000, { kind: 'cut' })
    const withdrawal = new AbortController()
    const first = sender.append([toEntry(1)]).catch(() => {
      proxy.passAll()
      withdrawal.abort()
    })
    await until(() => sender.failures.length > 0)
    const behind = appendAll(7, 8)
    const later = Array.from({ length: 50 }, (_, n) => append(8 + n, withdrawal.signal))
    await Promise.all([first, behind, ...later])
    assert.equal(rejected.length, 50)
    assert.deepEqual([...(await check()).texts].toSorted(), ['0', '1', '7'])
  })

  test('a connection that goes silent is given up in a known time, and the next send goes on another', async () => {
    await open(IMPATIENT)
    await append(0)
    proxy.next(1, { kind: 'silent' })
    const began = performance.now()
    await append(1)
    const tookMs = performance.now() - began
    assert(tookMs >= 3_900 && tookMs < 8_000, `${tookMs} ms`)
    assert.equal(rejected.length, 1)
    await appendEach(2, 5)
    assert.equal(acknowledged.length, 4)
    await check()
  })

  test('no connection for a while: the send waits and goes on when there is one', async () => {
    await open()
    await appendEach(0, 10)
    await proxy.refuse()
    const appending = appendEach(10, 30)
    await until(() => sender.failures.length >= 3)
    await proxy.accept()
    await appending
    assert.deepEqual(rejected, [])
    assert.equal(acknowledged.length, 30)
    await check()
  })

  test('nothing is taken after close, and what was under way is settled first', async () => {
    await open()
    const under = appendAll(0, 20)
    await sender.close()
    await under
    assert.equal(acknowledged.length, 20)
    await append(20)
    assert(rejected[0] instanceof LogUnavailable)
    await check()
  })

  test('close is bounded where nobody answers', async () => {
    await open({ ...IMPATIENT, giveUpMs: 20_000, flushMs: 500 })
    await append(0)
    proxy.next(1, { kind: 'silent' })
    const under = appendAll(1, 3)
    const began = performance.now()
    await sender.close()
    assert(performance.now() - began < 5_000)
    await under
    assert.equal(rejected.length, 2)
  })
})

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

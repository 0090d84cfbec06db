import assert from 'node:assert/strict'
import { test } from 'vitest'
import { openProduceProxy, type ProduceProxy } from '../../event-log/kafka/produce-proxy.fixture.ts'
import { startKafka } from '../../event-log/kafka/start-kafka.fixture.ts'
import { until } from '../operators.ts'
import { makeStoreSettings } from '../shared-stores.ts'
import { assertEachArrivedInOrder, startDeliveryStreams } from './delivery-streams.ts'
import { openTown } from './open-town.ts'
import { readAccounts } from './read-accounts.ts'
import { isForwarded } from './read-spooled.ts'

/** How many senders there are at each gateway: one by one, and at once. */
const crowds = [1, 40]

/** What the network does to the answers of the broker, and how long until a send has felt it. */
const weathers: readonly (readonly [what: string, (proxy: ProduceProxy) => void])[] = [
  ['an answer is swallowed and its connection cut', ({ next }) => next(1, { kind: 'cut' })],
  ['answers are swallowed until kafkajs gives up', ({ next }) => next(12, { kind: 'cut' })],
  ['an answer never comes', ({ next }) => next(1, { kind: 'silent' })],
  ['an answer comes after the deadline', ({ next }) => next(2, { kind: 'hold', ms: 4_000 })],
]

test('whatever becomes of the answers of the broker, what was acknowledged is in the log, in its order', async () => {
  await using stack = new AsyncDisposableStack()
  const proxy = stack.use(await openProduceProxy())
  const broker = stack.use(await startKafka({ advertisedPort: proxy.port }))
  proxy.leadTo(broker.port)
  const stores = { ...(await makeStoreSettings()), KAFKA_BROKERS: proxy.address }
  const town = await openTown(stack, { stores })
  const { gateways } = town
  for (const lot of gateways) await town.start('gateway', lot)
  const gatewayUrls = gateways.map(({ gatewayUrl }) => gatewayUrl)

  let firstAccount = 1_000
  for (const accountsEach of crowds) {
    const streams = startDeliveryStreams({ gatewayUrls, accountsEach, pauseMs: 20, firstAccount })
    stack.defer(() => streams.stop())
    firstAccount += 1_000
    for (const [what, change] of weathers) {
      const produced = proxy.produced()
      const answered = streams.streams.map((stream) => stream.answered.length)
      change(proxy)
      await until(`${what}: felt`, () => proxy.produced() > produced + 12, 120_000)
      await until(
        `${what}: each sender was answered`,
        () =>
          streams.streams.every((stream, at) => stream.answered.length > (answered[at] ?? 0) + 1),
        60_000,
      )
      await until(`${what}: nothing is spooled any more`, () => isForwarded(gateways), 120_000)
    }
    await until('enough was answered', () => streams.answeredCount() >= 50 * accountsEach)
    await streams.stop()
    assert.equal(streams.brokenCount(), 0, 'connections that were reset')
    assert.ok(streams.slowestMs() < 5_000, `an answer took ${streams.slowestMs()} ms`)
    assertEachArrivedInOrder(streams, await readAccounts(town), 50 * accountsEach)
  }
}, 600_000)

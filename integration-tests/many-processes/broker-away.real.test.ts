import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { startKafka, type KafkaBroker } from '../../event-log/kafka/start-kafka.fixture.ts'
import * as checks from '../kill-nine/checks.ts'
import { makePeople } from '../kill-nine/people.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { readStatus } from '../kill-nine/read-status.ts'
import { until } from '../operators.ts'
import { makeStoreSettings } from '../shared-stores.ts'
import { assertEachArrivedInOrder, startDeliveryStreams } from './delivery-streams.ts'
import { openTown, type Lot } from './open-town.ts'
import { readAccounts } from './read-accounts.ts'
import { isForwarded, readSpooled } from './read-spooled.ts'
import { watchReady } from './watch-ready.ts'

test('the broker is stopped for 20 s, and killed: deliveries are answered, and arrive in their order', async () => {
  await using stack = new AsyncDisposableStack()
  const { broker, town } = await openTownOnItsBroker(stack)
  const { gateways, outreach, workbooks, door } = town
  for (const lot of gateways) await town.start('gateway', lot)
  const consumers = await town.findLot()
  await town.start('consumers', consumers)
  const people = makePeople({ outreach, workbooks, random: makeRandom(1) })
  const working = setInterval(people.edit, 250)
  stack.defer(() => clearInterval(working))
  const ready = watchReady(gateways)
  const streams = openStreams(stack, gateways)
  await until('deliveries are answered', () => streams.answeredCount() > 100)

  await broker.stop()
  await untilSpooled(gateways)
  for (const { opsUrl } of gateways) {
    const { spool } = await readStatus(opsUrl)
    assert.ok(spool.events > 20 && (spool.oldestSeconds ?? 0) > 0, JSON.stringify(spool))
    assert.ok(spool.fullRatio > 0 && spool.fullRatio < 0.1, JSON.stringify(spool))
  }
  await sleep(20_000) // so long it is away, whatever happens meanwhile
  await broker.start()
  await until('everything was forwarded', () => isForwarded(gateways), 120_000)
  await until('ops status shows an empty spool', async () => {
    const { spool } = await readStatus(gateways[0].opsUrl)
    return spool.events === 0 && spool.oldestSeconds === null
  })
  const afterStop = streams.answeredCount()
  await until('deliveries are answered', () => streams.answeredCount() > afterStop + 100)

  await broker.kill()
  await untilSpooled(gateways)
  await broker.start()
  await until('everything was forwarded', () => isForwarded(gateways), 120_000)
  await until('enough was answered', () => streams.answeredCount() >= 1_000)
  const seen = await ready.stop()
  clearInterval(working)
  await streams.stop()

  assert.deepEqual([...seen.keys()], ['200'], '/readyz')
  assert.equal(streams.brokenCount(), 0, 'connections that were reset')
  assert.ok(streams.slowestMs() < 5_000, `an answer took ${streams.slowestMs()} ms`)
  assertEachArrivedInOrder(streams, await readAccounts(town), 1_000)

  await town.untilSettled(consumers)
  const events = await town.readEvents()
  checks.assertNothingRefused(town, door.answers)
  checks.assertAgreed(people, events)
  checks.assertNothingDoubled({ outreach, workbooks, people })
}, 600_000)

test('a gateway that is killed with its spool full brings it all when it is back', async () => {
  await using stack = new AsyncDisposableStack()
  const { broker, town } = await openTownOnItsBroker(stack)
  const { gateways } = town
  const [first, second] = [
    await town.start('gateway', gateways[0]),
    await town.start('gateway', gateways[1]),
  ]
  const streams = openStreams(stack, gateways)
  await until('deliveries are answered', () => streams.answeredCount() > 100)

  await broker.kill()
  await untilSpooled(gateways)
  first.signal('SIGKILL')
  assert.equal((await first.ended).signal, 'SIGKILL')
  const again = await town.start('gateway', gateways[0])
  await until('it has spooled again', async () => (await readSpooled(gateways[0])) > 100)
  // And once more: what was left over is left over again. The other one is told to stop.
  again.signal('SIGKILL')
  await again.ended
  const began = performance.now()
  second.signal('SIGTERM')
  assert.deepEqual(await second.ended, { code: 0, signal: null }, second.said().slice(-3_000))
  const stopMs = performance.now() - began
  assert.ok(stopMs < 25_000, `it took ${Math.round(stopMs)} ms to stop without a broker`)
  await streams.stopAt(gateways[1].gatewayUrl)
  await broker.start()
  // The second one stays away: on this machine the first takes over what it left.
  await town.start('gateway', gateways[0])
  await until('everything was forwarded', () => isForwarded([gateways[0]]), 120_000)
  await until('enough was answered', () => streams.answeredCount() >= 500)
  await streams.stop()

  assertEachArrivedInOrder(streams, await readAccounts(town), 500)
  assert.ok(streams.brokenCount() > 0, 'the kills were felt')
})

async function openTownOnItsBroker(stack: AsyncDisposableStack) {
  const broker: KafkaBroker = stack.use(await startKafka())
  const stores = { ...(await makeStoreSettings()), KAFKA_BROKERS: broker.address }
  return { broker, town: await openTown(stack, { stores }) }
}

function openStreams(stack: AsyncDisposableStack, gateways: readonly Lot[]) {
  const gatewayUrls = gateways.map(({ gatewayUrl }) => gatewayUrl)
  const streams = startDeliveryStreams({ gatewayUrls, accountsEach: 8, pauseMs: 150 })
  stack.defer(() => streams.stop())
  return streams
}

const untilSpooled = (gateways: readonly Lot[]) =>
  until(
    'each gateway spools',
    async () => (await Promise.all(gateways.map(readSpooled))).every((events) => events > 20),
    30_000,
  )

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { startPostgres } from '../../state/postgres.fixture.ts'
import * as checks from '../kill-nine/checks.ts'
import { makePeople } from '../kill-nine/people.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { until } from '../operators.ts'
import { makeStoreSettings } from '../shared-stores.ts'
import { assertEachArrivedInOrder, startDeliveryStreams } from './delivery-streams.ts'
import { openTown } from './open-town.ts'
import { readAccounts } from './read-accounts.ts'
import { watchReady } from './watch-ready.ts'

test('PostgreSQL is restarted, and killed and away for a while: gateways answer, and all converges', async () => {
  await using stack = new AsyncDisposableStack()
  const postgres = await startPostgres()
  stack.defer(() => postgres.stop())
  const stores = { ...(await makeStoreSettings()), DATABASE_URL: await postgres.createDatabase() }
  const town = await openTown(stack, { stores })
  const { gateways, outreach, workbooks, door } = town
  const processes = [
    await town.start('gateway', gateways[0]),
    await town.start('gateway', gateways[1]),
    await town.start('consumers'),
    await town.start('consumers'),
    await town.start('reconciliation'),
  ]
  const people = makePeople({ outreach, workbooks, random: makeRandom(1) })
  const working = setInterval(people.edit, 150)
  stack.defer(() => clearInterval(working))
  const ready = watchReady(gateways)
  const gatewayUrls = gateways.map(({ gatewayUrl }) => gatewayUrl)
  const streams = startDeliveryStreams({ gatewayUrls, accountsEach: 4, pauseMs: 200 })
  stack.defer(() => streams.stop())
  const untilMore = (what: string, counted: () => number, more: number) => {
    const before = counted()
    return until(what, () => counted() > before + more, 120_000)
  }
  const written = () =>
    (outreach.calls.counts()['PATCH accounts'] ?? 0) +
    (workbooks.calls.counts()['rows crm/organisations'] ?? 0)
  await untilMore('the sync writes', written, 10)

  await postgres.restart()
  await untilMore('the sync writes again', written, 10)
  await postgres.kill9()
  await untilMore('deliveries are answered without a state', streams.answeredCount, 100)
  await untilMore('those of Workbooks too', () => door.acknowledged.length, 30)
  await postgres.restart()
  await untilMore('the sync writes again', written, 10)
  clearInterval(working)
  await until('enough was answered', () => streams.answeredCount() >= 200)
  await streams.stop()
  const seen = await ready.stop()
  await town.untilSettled(gateways[0])

  assert.deepEqual([...seen.keys()], ['200'], '/readyz')
  assert.equal(streams.brokenCount(), 0, 'connections that were reset')
  assertEachArrivedInOrder(streams, await readAccounts(town), 200)
  const events = await town.readEvents()
  checks.assertNothingRefused(town, door.answers)
  checks.assertAgreed(people, events)
  checks.assertNothingDoubled({ outreach, workbooks, people })
  checks.assertNothingLost(events, door.acknowledged)
  checks.assertRightWinners(events, people)
  for (const process of processes) process.signal('SIGTERM')
  for (const process of processes) {
    assert.deepEqual(await process.ended, { code: 0, signal: null }, process.said().slice(-3_000))
  }
}, 600_000)

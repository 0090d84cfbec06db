import assert from 'node:assert/strict'
import { test } from 'vitest'
import { roles, type Role } from '../../start/roles.ts'
import * as checks from '../kill-nine/checks.ts'
import { makePeople } from '../kill-nine/people.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { readStatus } from '../kill-nine/read-status.ts'
import type { Process } from '../open-process.ts'
import { until } from '../operators.ts'
import { openTown, type Lot, type Town } from './open-town.ts'

/** Docker kills after 10 s by default. */
const stopWithinMs = 10_000

test('two of each role start at once, in any order, on an empty database, and stop under load', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openTown(stack)
  const { gateways, outreach, workbooks, door } = town
  // Both gateways have the same DATA_DIR.
  const [reconciliation, consumers, second, , first] = await Promise.all([
    town.start('reconciliation'),
    town.start('consumers'),
    town.start('gateway', gateways[1]),
    town.start('reconciliation'),
    town.start('gateway', gateways[0]),
    town.start('consumers'),
  ])
  assert.deepEqual(await readRoles(gateways[0]), [...roles, ...roles].sort())

  const people = makePeople({ outreach, workbooks, random: makeRandom(1) })
  const working = setInterval(people.edit, 100)
  stack.defer(() => clearInterval(working))
  await untilAcknowledged(town, 50)
  for (const [process, role, lot] of [
    [first, 'gateway', gateways[0]],
    [consumers, 'consumers'],
    [reconciliation, 'reconciliation'],
    [second, 'gateway', gateways[1]],
  ] as const) {
    await assertStops(process, role)
    await town.start(role, lot)
    await untilAcknowledged(town, 50)
  }
  clearInterval(working)
  await town.untilSettled(gateways[0])
  assert.deepEqual(await readRoles(gateways[1]), [...roles, ...roles].sort())

  const events = await town.readEvents()
  checks.assertNothingRefused(town, door.answers)
  checks.assertAgreed(people, events)
  checks.assertNothingDoubled({ outreach, workbooks, people })
  checks.assertNothingLost(events, door.acknowledged)
  checks.assertRightWinners(events, people)
  await using store = await town.openState()
  assert.deepEqual(await checks.findUntold(store, events), [], 'outcomes that nobody was told of')
})

async function assertStops(process: Process, role: Role): Promise<void> {
  const began = performance.now()
  process.signal('SIGTERM')
  assert.deepEqual(await process.ended, { code: 0, signal: null }, process.said().slice(-3_000))
  const ms = performance.now() - began
  assert.ok(ms < stopWithinMs, `${role} took ${Math.round(ms)} ms to stop`)
}

function untilAcknowledged({ door }: Town, more: number): Promise<void> {
  const before = door.acknowledged.length
  return until('deliveries are answered', () => door.acknowledged.length > before + more, 120_000)
}

/** Of every process that lives, as any of them tells. */
async function readRoles({ opsUrl }: Lot): Promise<readonly string[]> {
  const status = await readStatus(opsUrl)
  return status.roles
    .filter(({ alive }) => alive)
    .map(({ role }) => role)
    .sort()
}

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { forgetMembers } from '../../event-log/kafka/forget-members.fixture.ts'
import type { Role } from '../../start/roles.ts'
import * as checks from '../kill-nine/checks.ts'
import { makeLives, type Life } from '../kill-nine/lives.ts'
import { makePeople } from '../kill-nine/people.ts'
import { planKills, type PlannedKill } from '../kill-nine/plan-kills.ts'
import { points, type PointName, type Stir } from '../kill-nine/points.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { stirUntilKilled } from '../kill-nine/stir-until-killed.ts'
import { pointNames, readTable, renderTable } from '../kill-nine/table.ts'
import { openTown, type Lot } from './open-town.ts'
import { untilTold } from './until-told.ts'

const seed = 20_260_302
const mostEdits = 260

const ofGateways: readonly PointName[] = [
  'keep a delivery of Outreach',
  'keep a delivery of Workbooks',
  'remember a used token',
  'write that a process lives',
]
/** Which points the path has in each role; the one that signs for its process, in all. */
const pointsOf: Readonly<Record<Role, readonly PointName[]>> = {
  gateway: ofGateways,
  consumers: [
    'write that a process lives',
    ...pointNames.filter((name) => !ofGateways.includes(name)),
  ],
  reconciliation: ['write that a process lives'],
}

/** With what people do about them. */
function stirsOf(role: Role): Readonly<Record<string, Stir>> {
  return Object.fromEntries(pointsOf[role].map((name) => [name, points[name]]))
}

/** A process of a role that is killed, and started again in its place, as often as its kills say. */
type Seat = { readonly role: Role; readonly lot: Lot; readonly kills: readonly PlannedKill<Stir>[] }

test('kill -9 of gateways, consumers and reconciliation at every point that they pass', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openTown(stack, { seed })
  const { outreach, workbooks, door, gateways, dir, env } = town
  const passesFile = (role: Role) => join(dir, `passes-${role}`)
  const lives = makeLives({ dir, env, passesFile: join(dir, 'passes') })
  stack.defer(() => lives.close())
  const random = makeRandom(seed)
  const people = makePeople({ outreach, workbooks, random })
  const planOf = (role: Role) => planKills(stirsOf(role), random)
  const plans = {
    gateway: planOf('gateway'),
    consumers: planOf('consumers'),
    reconciliation: planOf('reconciliation'),
  }
  const seats: readonly Seat[] = [
    { role: 'gateway', lot: gateways[0], kills: everySecond(plans.gateway, 0) },
    { role: 'gateway', lot: gateways[1], kills: everySecond(plans.gateway, 1) },
    { role: 'consumers', lot: await town.findLot(), kills: everySecond(plans.consumers, 0) },
    { role: 'consumers', lot: await town.findLot(), kills: everySecond(plans.consumers, 1) },
    { role: 'reconciliation', lot: await town.findLot(), kills: plans.reconciliation },
  ]
  const group = `${env['KAFKA_PREFIX'] ?? ''}gateway-sync`
  const begin = ({ role, lot }: Seat, kill?: PlannedKill<Stir>): Life =>
    lives.start({
      env: lot.env,
      roles: [role],
      passesFile: passesFile(role),
      ...(kill && { kill: { at: kill.at, pass: 1 } }),
    })
  const dieAgainAndAgain = async (seat: Seat): Promise<Life> => {
    for (const kill of seat.kills) {
      const life = begin(seat, kill)
      await stirUntilKilled(people, { ...kill, life, mostEdits: mostEdits - 20, withinMs: 120_000 })
      if (seat.role === 'consumers') await forgetMembers(env['KAFKA_BROKERS'] ?? '', group)
    }
    return begin(seat)
  }

  const last = await Promise.all(seats.map(dieAgainAndAgain))
  while (people.count() < mostEdits) {
    people.edit()
    await sleep(5)
  }
  await town.untilSettled(gateways[0])
  const events = await untilTold(town)
  for (const life of last) life.signal('SIGTERM')
  for (const life of last) {
    assert.deepEqual(await life.ended, { code: 0, signal: null }, life.said().slice(-3_000))
  }

  for (const role of ['gateway', 'consumers', 'reconciliation'] as const) {
    const table = await readTable(passesFile(role))
    const title = `kill -9 of ${role}: times passed and killed, before and after each point`
    process.stdout.write(`${renderTable(title, table, pointsOf[role])}\n`)
    const spared = plans[role].filter(({ at }) => (table.get(at)?.killed ?? 0) === 0)
    assert.deepEqual(spared, [], `points at which nothing was killed in ${role}`)
  }
  process.stdout.write(`${people.count()} edits by people\n`)

  checks.assertNothingRefused(town, door.answers)
  checks.assertAgreed(people, events)
  checks.assertNothingDoubled({ outreach, workbooks, people })
  checks.assertNothingLost(events, door.acknowledged, 200)
  checks.assertRightWinners(events, people, 200)
}, 900_000)

function everySecond<Item>(items: readonly Item[], from: 0 | 1): readonly Item[] {
  return items.filter((_, at) => at % 2 === from)
}

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'vitest'
import { forgetMembers } from '../../event-log/kafka/forget-members.fixture.ts'
import { checkChaos, makeChaos, untilBegun } from '../histories/chaos.ts'
import { makeLives } from '../kill-nine/lives.ts'
import { opportunityPoints } from '../kill-nine/opportunity-points.ts'
import { planKills } from '../kill-nine/plan-kills.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { stirUntilKilled } from '../kill-nine/stir-until-killed.ts'
import { readTable, renderTable } from '../kill-nine/table.ts'
import { toStirrer } from '../kill-nine/to-stirrer.ts'
import { openTown } from './open-town.ts'
import { untilTold } from './until-told.ts'

const seed = 20_261_122

test('kill -9 of either consumer at every point that opportunities and their contacts add, on Kafka and PostgreSQL', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openTown(stack, { seed })
  const { outreach, workbooks, gateways, dir, env } = town
  const passesFile = join(dir, 'passes')
  const lives = makeLives({ dir, env, passesFile })
  stack.defer(() => lives.close())
  await Promise.all(gateways.map((lot) => town.start('gateway', lot)))
  await using other = await town.start('consumers')

  const systems = { outreach, workbooks }
  const history = makeChaos(systems, seed)
  await untilBegun(history)
  // From here on the two that die at their points have all the work.
  other.signal('SIGKILL')
  await other.ended
  const group = `${env['KAFKA_PREFIX'] ?? ''}gateway-sync`
  const people = toStirrer(history)
  const plan = planKills(opportunityPoints, makeRandom(seed))
  const dieAgainAndAgain = async (turn: number) => {
    const { env: own } = await town.findLot()
    const begin = (kill?: { at: string; pass: number }) =>
      lives.start({ env: own, roles: ['consumers'], ...(kill && { kill }) })
    for (const kill of plan.filter((_, at) => at % 2 === turn)) {
      const life = begin({ at: kill.at, pass: 1 })
      const how = { mostEdits: 600, everyMs: 400, withinMs: 120_000 }
      await stirUntilKilled(people, { ...kill, ...how, life })
      await forgetMembers(env['KAFKA_BROKERS'] ?? '', group)
    }
    return begin()
  }

  const last = await Promise.all([dieAgainAndAgain(0), dieAgainAndAgain(1)])
  await town.untilSettled(gateways[0])
  history.clearFlags()
  await town.untilSettled(gateways[0])
  const events = await untilTold(town)
  for (const life of last) life.signal('SIGTERM')
  for (const life of last) {
    assert.deepEqual(await life.ended, { code: 0, signal: null }, life.said().slice(-3_000))
  }

  const title = 'kill -9 of consumers: times passed and killed, before and after each point'
  const table = await readTable(passesFile)
  process.stdout.write(`${renderTable(title, table, Object.keys(opportunityPoints))}\n`)
  const line = checkChaos(systems, history, events)
  process.stdout.write(`${plan.length} kills; ${line}\n`)
}, 900_000)

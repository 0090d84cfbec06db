import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'vitest'
import { forgetMembers } from '../../event-log/kafka/forget-members.fixture.ts'
import type { Role } from '../../start/roles.ts'
import {
  chaosOrders,
  checkChaos,
  killAgainAndAgain,
  makeChaos,
  playFor,
  searching,
  untilBegun,
  untilFound,
} from '../histories/chaos.ts'
import { makeLives, type Life } from '../kill-nine/lives.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { openTown, type Lot } from './open-town.ts'
import { untilTold } from './until-told.ts'

const { seed, lost } = chaosOrders
// Joining a group takes a while.
const ms = 2 * chaosOrders.ms

type Seat = { readonly role: Role; readonly lot: Lot; readonly isKilled: boolean }

test(
  `chaos ${seed} of all kinds on Kafka and PostgreSQL, with gateways and consumers killed again and again: it converges, no value is lost silently, and no write is one too many`,
  async () => {
    await using stack = new AsyncDisposableStack()
    const town = await openTown(stack, { seed })
    const { outreach, workbooks, gateways, dir, env } = town
    const lives = makeLives({ dir, env, passesFile: join(dir, 'passes') })
    stack.defer(() => lives.close())
    const seats: readonly Seat[] = [
      { role: 'gateway', lot: gateways[0], isKilled: false },
      { role: 'gateway', lot: gateways[1], isKilled: true },
      { role: 'consumers', lot: await town.findLot(), isKilled: true },
      { role: 'consumers', lot: await town.findLot(), isKilled: true },
      { role: 'reconciliation', lot: await town.findLot(), isKilled: false },
    ]
    const group = `${env['KAFKA_PREFIX'] ?? ''}gateway-sync`
    const begin = ({ role, lot }: Seat) =>
      lives.start({
        ...{ env: { ...searching.env, ...lot.env }, roles: [role] },
        sweepPaceMs: searching.sweepPaceMs,
      })
    const live = async ({ seat, first }: { seat: Seat; first: Life }, at: number) => {
      if (!seat.isKilled) return { life: first, kills: 0 }
      const bury = () =>
        seat.role === 'consumers'
          ? forgetMembers(env['KAFKA_BROKERS'] ?? '', group)
          : Promise.resolve()
      const how = { ms, livesMs: [4_000, 10_000], random: makeRandom(seed + at) } as const
      return killAgainAndAgain({ first, begin: () => begin(seat), bury, ...how })
    }

    const systems = { outreach, workbooks }
    const history = makeChaos(systems, seed, lost)
    const begun = seats.map((seat) => ({ seat, first: begin(seat) }))
    await untilBegun(history)
    const [lived, steps] = await Promise.all([Promise.all(begun.map(live)), playFor(history, ms)])
    const said = () => lived.map(({ life }) => life.said()).join('')
    const looking = { said, opsPort: gateways[0].opsPort }
    await untilFound(systems, looking)
    await town.untilSettled(gateways[0])
    history.clearFlags()
    await untilFound(systems, looking)
    await town.untilSettled(gateways[0])
    const events = await untilTold(town)
    for (const { life } of lived) life.signal('SIGTERM')
    for (const { life } of lived) {
      assert.deepEqual(await life.ended, { code: 0, signal: null }, life.said().slice(-3_000))
    }

    const line = checkChaos(systems, history, events)
    const kills = lived.reduce((sum, one) => sum + one.kills, 0)
    process.stdout.write(`chaos ${seed} on Kafka: ${steps} moves, ${kills} kills; ${line}\n`)
  },
  ms + 900_000,
)

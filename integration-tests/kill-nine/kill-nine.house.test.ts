import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { openEmbeddedState } from '../../state/embedded-state.ts'
import { migrations } from '../../state/schema.ts'
import { findFreePort } from '../start-house.ts'
import * as checks from './checks.ts'
import { makeLives } from './lives.ts'
import { makePeople } from './people.ts'
import { planKills } from './plan-kills.ts'
import { points } from './points.ts'
import { makeRandom } from './random.ts'
import { readEmbeddedEvents } from './read-events.ts'
import { openRecordingDoor } from './recording-door.ts'
import { stirUntilKilled } from './stir-until-killed.ts'
import { openSystems, toEnv } from './systems.ts'
import { readTable, renderTable } from './table.ts'
import { untilSettled } from './until-settled.ts'

const seed = 20_260_302
const mostEdits = 200

test('kill -9 at every named point loses nothing, doubles nothing and undoes nobody', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kill-nine-'))
  const [port, opsPort] = [await findFreePort(), await findFreePort()]
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const door = await openRecordingDoor(port)
  stack.defer(() => door.close())
  const { outreach, workbooks } = await openSystems(stack, { url: door.url, seed })
  const env = toEnv({ port, opsPort, dir, outreach, workbooks })
  const passesFile = join(dir, 'passes')
  const lives = makeLives({ dir, env, passesFile })
  stack.defer(() => lives.close())
  const random = makeRandom(seed)
  const people = makePeople({ outreach, workbooks, random })

  const plan = planKills(points, random)
  for (const { at, stir } of plan) {
    const life = lives.start({ kill: { at, pass: 1 } })
    await stirUntilKilled(people, { life, at, stir, mostEdits: mostEdits - 20 })
  }
  const last = lives.start()
  while (people.count() < mostEdits) {
    people.edit()
    await sleep(5)
  }
  const whenQuiet = async () => {
    await Promise.all([outreach.whenQuiet(), workbooks.whenQuiet()])
  }
  await untilSettled({ said: last.said, opsPort, whenQuiet })
  last.signal('SIGTERM')
  assert.deepEqual(await last.ended, { code: 0, signal: null }, last.said())

  const table = await readTable(passesFile)
  process.stdout.write(
    `${renderTable('kill -9: times passed and killed, before and after each point', table)}\n${people.count()} edits by people, ${plan.length} kills\n`,
  )
  assert.deepEqual(
    plan.filter(({ at }) => (table.get(at)?.killed ?? 0) === 0),
    [],
    'points at which nothing was killed',
  )

  const events = await readEmbeddedEvents(dir)
  checks.assertNothingRefused({ outreach, workbooks }, door.answers)
  checks.assertAgreed(people, events)
  checks.assertNothingDoubled({ outreach, workbooks, people })
  checks.assertNothingLost(events, door.acknowledged, 200)
  checks.assertRightWinners(events, people, 200)
  await using store = await openEmbeddedState({ dir, migrations })
  assert.deepEqual(await checks.findUntold(store, events), [], 'outcomes that nobody was told of')
}, 240_000)

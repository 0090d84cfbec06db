import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { checkChaos, makeChaos, untilBegun } from '../histories/chaos.ts'
import { findFreePort } from '../start-house.ts'
import { makeLives } from './lives.ts'
import { opportunityPoints } from './opportunity-points.ts'
import { planKills } from './plan-kills.ts'
import { makeRandom } from './random.ts'
import { readEmbeddedEvents } from './read-events.ts'
import { stirUntilKilled } from './stir-until-killed.ts'
import { openSystems, toEnv } from './systems.ts'
import { readTable, renderTable } from './table.ts'
import { toStirrer } from './to-stirrer.ts'
import { untilSettled } from './until-settled.ts'

const seed = 20_261_122

test('kill -9 at every point that opportunities and their contacts add: it converges, no value is lost silently, and no write is one too many', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kill-nine-'))
  const [port, opsPort] = [await findFreePort(), await findFreePort()]
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const systems = await openSystems(stack, { url: `http://127.0.0.1:${port}`, seed })
  const env = toEnv({ port, opsPort, dir, ...systems })
  const passesFile = join(dir, 'passes')
  const lives = makeLives({ dir, env, passesFile })
  stack.defer(() => lives.close())

  const history = makeChaos(systems, seed)
  const beginning = lives.start()
  await untilBegun(history)
  beginning.signal('SIGKILL')
  await beginning.ended
  const people = toStirrer(history)
  const plan = planKills(opportunityPoints, makeRandom(seed))
  for (const { at, stir } of plan) {
    const life = lives.start({ kill: { at, pass: 1 } })
    await stirUntilKilled(people, { life, at, stir, mostEdits: 600, everyMs: 400 })
  }
  const last = lives.start()
  const whenQuiet = async () => {
    await Promise.all([systems.outreach.whenQuiet(), systems.workbooks.whenQuiet()])
  }
  await untilSettled({ said: last.said, opsPort, whenQuiet })
  history.clearFlags()
  await untilSettled({ said: last.said, opsPort, whenQuiet })
  last.signal('SIGTERM')
  assert.deepEqual(await last.ended, { code: 0, signal: null }, last.said().slice(-3_000))

  const title = 'kill -9: times passed and killed, before and after each point'
  const table = await readTable(passesFile)
  const names = Object.keys(opportunityPoints)
  const line = checkChaos(systems, history, await readEmbeddedEvents(dir))
  process.stdout.write(`${renderTable(title, table, names)}\n${plan.length} kills; ${line}\n`)
}, 240_000)

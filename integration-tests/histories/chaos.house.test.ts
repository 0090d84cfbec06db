import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { makeLives } from '../kill-nine/lives.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { readEmbeddedEvents } from '../kill-nine/read-events.ts'
import { openSystems, toEnv } from '../kill-nine/systems.ts'
import { untilSettled } from '../kill-nine/until-settled.ts'
import { findFreePort } from '../start-house.ts'
import {
  chaosOrders,
  checkChaos,
  killAgainAndAgain,
  makeChaos,
  playFor,
  searching,
  untilBegun,
  untilFound,
} from './chaos.ts'

const { ms, seed, lost } = chaosOrders

test(
  `chaos ${seed}: all kinds are edited, linked, moved and deleted on both sides, webhooks come doubled, late, out of order or never, and the process is killed again and again: it converges, no value is lost silently, and no write is one too many`,
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'chaos-'))
    const [port, opsPort] = [await findFreePort(), await findFreePort()]
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(dir, { recursive: true, force: true }))
    const systems = await openSystems(stack, { url: `http://127.0.0.1:${port}`, seed })
    const env = { ...toEnv({ port, opsPort, dir, ...systems }), ...searching.env }
    const lives = makeLives({ dir, env, passesFile: join(dir, 'passes') })
    stack.defer(() => lives.close())

    const history = makeChaos(systems, seed, lost)
    const begin = () => lives.start({ sweepPaceMs: searching.sweepPaceMs })
    const first = begin()
    await untilBegun(history)
    const [{ life, kills }, steps] = await Promise.all([
      killAgainAndAgain({ first, begin, random: makeRandom(seed), ms, livesMs: [1_000, 5_000] }),
      playFor(history, ms),
    ])
    const whenQuiet = async () => {
      await Promise.all([systems.outreach.whenQuiet(), systems.workbooks.whenQuiet()])
    }
    const settling = { said: life.said, opsPort, whenQuiet }
    await untilFound(systems, settling)
    await untilSettled(settling)
    history.clearFlags()
    await untilFound(systems, settling)
    await untilSettled(settling)
    life.signal('SIGTERM')
    assert.deepEqual(await life.ended, { code: 0, signal: null }, life.said().slice(-3_000))

    const line = checkChaos(systems, history, await readEmbeddedEvents(dir))
    process.stdout.write(`chaos ${seed}: ${steps} moves, ${kills} kills; ${line}\n`)
  },
  ms + 180_000,
)

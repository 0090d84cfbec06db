import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { signToken } from '../../ops/sign-token.ts'
import { until } from '../open-street.ts'
import { findFreePort, houseSecrets } from '../start-house.ts'
import * as checks from './checks.ts'
import { makeLives, type Life } from './lives.ts'
import { makePeople, type People } from './people.ts'
import { pollPoints } from './poll-points.ts'
import { makeRandom } from './random.ts'
import { readStatus } from './read-status.ts'
import { openSystems, toEnv } from './systems.ts'
import { untilSettled } from './until-settled.ts'

const seed = 20_260_303

test('no webhook comes at all, and the poller is killed at each step between reading, publishing and its cursor: nothing is lost, nothing is made twice', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'poller-killed-'))
  const [port, opsPort] = [await findFreePort(), await findFreePort()]
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const systems = await openSystems(stack, { url: `http://127.0.0.1:${port}`, seed })
  const { outreach, workbooks } = systems
  outreach.webhooks.change({ drops: 1 })
  workbooks.hooks.setDisorder({ drops: 1 })
  // An interval is only what is asked for, and the first.
  const env = { ...toEnv({ port, opsPort, dir, ...systems }), RECONCILE_INTERVAL_SECONDS: '3600' }
  const lives = makeLives({ dir, env, passesFile: join(dir, 'passes') })
  stack.defer(() => lives.close())
  const random = makeRandom(seed)
  const people = makePeople({ ...systems, random })
  // What is older than the first connection would be left alone.
  const first = lives.start()
  await until('the first interval is over', async () => {
    const status = await readStatus(`http://127.0.0.1:${opsPort}`).catch(() => undefined)
    return status !== undefined && status.cursors.length >= 2 ? true : undefined
  })
  for (let made = 0; made < 10; made += 1) people.edit()
  first.signal('SIGKILL')
  await first.ended

  const places = pollPoints.flatMap((point) => [`before: ${point}`, `after: ${point}`])
  for (const at of places) {
    const life = lives.start({ kill: { at, pass: 1 } })
    await pollUntilKilled(people, { life, at, opsPort })
  }
  const last = lives.start()
  await untilAgreed(people, { life: last, opsPort })
  const whenQuiet = () => Promise.resolve()
  await untilSettled({ said: last.said, opsPort, whenQuiet })
  last.signal('SIGTERM')
  assert.deepEqual(await last.ended, { code: 0, signal: null }, last.said())
  checks.assertAgreed(people, new Map())
  checks.assertNothingDoubled({ outreach, workbooks, people })
}, 240_000)

type Living = { readonly life: Life; readonly opsPort: number }

/** People edit, and an operator asks for intervals, until the product has passed the point. */
async function pollUntilKilled(
  people: People,
  { life, at, opsPort }: Living & { readonly at: string },
): Promise<void> {
  const end = Date.now() + 30_000
  people.edit()
  const ended = life.ended.then((end) => end)
  for (let turn = 0; ; turn += 1) {
    if (turn % 5 === 0) await askForInterval(opsPort)
    const how = await Promise.race([ended, sleep(50)])
    if (how !== undefined) {
      assert.equal(how.signal, 'SIGKILL', `it ended by itself: ${life.said()}`)
      return
    }
    if (turn % 10 === 9) people.edit()
    if (Date.now() > end) throw new Error(`no pass through "${at}": ${life.said().slice(-2_000)}`)
  }
}

async function untilAgreed(people: People, { life, opsPort }: Living): Promise<void> {
  const end = Date.now() + 60_000
  while (!people.isAgreed()) {
    assert.ok(Date.now() < end, `${differencesOf(people)}\n${life.said().slice(-3_000)}`)
    await askForInterval(opsPort)
    await sleep(250)
  }
}

const differencesOf = (people: People) =>
  people
    .book()
    .flatMap((known) => people.differences(known))
    .join('\n')

/** The process may not be there yet, or not any more. */
async function askForInterval(opsPort: number): Promise<void> {
  const claims = { sub: 'test', scopes: ['ops:write'], forSeconds: 60, now: Date.now() } as const
  const headers = {
    authorization: `Bearer ${signToken(houseSecrets.ops, claims)}`,
    'content-type': 'application/json',
  }
  const url = `http://127.0.0.1:${opsPort}/ops/reconcile`
  await fetch(url, { method: 'POST', headers, body: '{}' }).catch(() => undefined)
}

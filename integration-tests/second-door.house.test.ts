import assert from 'node:assert/strict'
import { test } from 'vitest'
import { disorderly, makeHistory, makeWorld, setDisorder } from './people-history.ts'
import { reconcile, settledByPoller, startSilentHouse } from './polling.ts'
import { resetCalls, writesOf } from './records.ts'
import { startHouse, type House } from './start-house.ts'

// More of them, and a failed one again: HISTORIES=20 SEED=7 vitest run --project house second-door
const first = Number(process.env['SEED'] ?? 1)
const seeds = Array.from({ length: Number(process.env['HISTORIES'] ?? 1) }, (_, at) => first + at)
const steps = 20

/** Writes to people, prospects, organisations and accounts since the counts were last reset. */
function allWritesOf(house: House): number {
  const { outreach, workbooks } = writesOf(house)
  return outreach + workbooks + (house.workbooks.calls.counts()['rows crm/people'] ?? 0)
}

async function pollUntil(house: House, over: AbortSignal): Promise<void> {
  while (!over.aborted) await house.ops('POST', '/ops/reconcile', {})
}

test.each(seeds)(
  'history %i with no hook of Workbooks and no webhook of Outreach at all: the poller synchronises everything, nothing is made twice, no opt-out is undone',
  async (seed) => {
    await using silent = await startSilentHouse()
    const house = settledByPoller(silent)
    const world = await makeWorld(house)
    const history = makeHistory(world, { seed: 2_000 + seed, grows: true })
    await history.play(steps)
    await history.finish()
    history.check()
  },
  120_000,
)

test.each(seeds)(
  'history %i in which half of all webhooks are lost: what the poller finds and what is announced converge',
  async (seed) => {
    await using lossy = await startHouse(disorderly)
    const house = settledByPoller(lossy)
    const world = await makeWorld(house)
    setDisorder(house)
    house.workbooks.hooks.setDisorder({ drops: 0.5 })
    house.outreach.webhooks.change({ drops: 0.5 })
    const history = makeHistory(world, { seed: 3_000 + seed, grows: true })
    await history.play(steps)
    await history.finish()
    history.check()
  },
  120_000,
)

test.each(seeds)(
  'history %i with both doors open at once, the poller never resting: nothing is written twice',
  async (seed) => {
    await using house = await startHouse(disorderly)
    const world = await makeWorld(house)
    setDisorder(house)
    const history = makeHistory(world, { seed: 4_000 + seed, grows: false })
    resetCalls(house)
    const played = new AbortController()
    const polling = pollUntil(house, played.signal)
    await history.play(steps)
    played.abort()
    await polling
    await reconcile(house)
    await history.finish()
    history.check()
    const writes = allWritesOf(house)
    assert.ok(writes <= history.edits(), `${writes} writes for ${history.edits()} edits`)
  },
  120_000,
)

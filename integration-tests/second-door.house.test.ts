import assert from 'node:assert/strict'
import { test } from 'vitest'
import { checkHistory } from './histories/check-history.ts'
import { countWrites } from './histories/count-writes.ts'
import { setDisorder } from './histories/disorder.ts'
import { makeHistory, type History } from './histories/make-history.ts'
import type { MoveName } from './histories/moves.ts'
import { settledByPoller, startSilentHouse, sweepOnce } from './polling.ts'
import { resetCalls } from './records.ts'
import { startHouse, type House } from './start-house.ts'

// More of them, and a failed one again: HISTORIES=20 SEED=7 vitest run --project house second-door
const first = Number(process.env['SEED'] ?? 1)
const seeds = Array.from({ length: Number(process.env['HISTORIES'] ?? 1) }, (_, at) => first + at)
const steps = 20

const edits = {
  ...{ 'edit a field': 4, 'edit a link': 3, 'edit a field on both sides': 1, 'type an amount': 1 },
  ...{ 'opt out or in': 2, 'add a contact': 3, 'change a role': 3, 'remove a contact': 2 },
} as const satisfies Partial<Record<MoveName, number>>

const growth = {
  ...{ 'make an organisation': 1, 'make a person': 2, 'make an opportunity': 2 },
  ...{ 'let an organisation in': 1, 'flag a person': 1, 'delete a record': 1 },
} as const satisfies Partial<Record<MoveName, number>>

/** Enough of each kind. */
const beginning: readonly MoveName[] = [
  ...Array.from({ length: 3 }, () => 'make an organisation' as const),
  ...Array.from({ length: 5 }, () => 'make a person' as const),
  ...Array.from({ length: 3 }, () => 'make an opportunity' as const),
]

/** What is gone is in no list: the sweep must be quick here. */
const swift = { overrides: { sweepPaceMs: 0 } } as const

async function begin(house: House, weights: Partial<Record<MoveName, number>>, seed: number) {
  const history = makeHistory({ systems: house, seed, weights })
  for (const move of beginning) history.make(move)
  await settledByPoller(house)
  return history
}

/** With pauses, in which the product comes to rest. */
async function play(house: House, history: History): Promise<void> {
  for (let at = 0; at < steps; at += 1) {
    history.step()
    const isPause = history.random() < 0.15
    if (isPause) await settledByPoller(house)
    history.settle(isPause)
  }
}

async function finish(house: House, history: History): Promise<void> {
  await settledByPoller(house)
  history.clearFlags()
  await settledByPoller(house)
  await checkHistory(house, history)
}

async function pollUntil(house: House, over: AbortSignal): Promise<void> {
  while (!over.aborted) await house.ops('POST', '/ops/reconcile', {})
}

test.each(seeds)(
  'history %i of all kinds with no hook of Workbooks and no webhook of Outreach at all: the poller and the sweep synchronise everything, nothing is made twice, no opt-out is undone',
  async (seed) => {
    await using house = await startSilentHouse(swift)
    const history = await begin(house, { ...edits, ...growth }, 2_000 + seed)
    await play(house, history)
    await finish(house, history)
  },
)

test.each(seeds)(
  'history %i of all kinds in which half of all webhooks are lost: what is found and what is announced converge, and nothing is lost silently',
  async (seed) => {
    await using house = await startHouse(swift)
    const history = await begin(house, { ...edits, ...growth }, 3_000 + seed)
    setDisorder(house, { lateMs: 30, doubled: 0.3, lost: 0.5 })
    await play(house, history)
    await finish(house, history)
  },
)

test.each(seeds)(
  'history %i of all kinds with both doors open at once, the poller never resting: nothing is written twice',
  async (seed) => {
    await using house = await startHouse(swift)
    const history = await begin(house, edits, 4_000 + seed)
    setDisorder(house, { lateMs: 30, doubled: 0.3 })
    resetCalls(house)
    const before = history.book.most()
    const played = new AbortController()
    const polling = pollUntil(house, played.signal)
    for (let at = 0; at < steps; at += 1) {
      history.step()
      if (history.random() < 0.3) await house.outreach.whenQuiet()
    }
    played.abort()
    await polling
    await sweepOnce(house)
    const [writes, most] = [countWrites(house), history.book.most() - before]
    await finish(house, history)
    assert.ok(writes <= most, `${writes} writes for ${most} edits`)
  },
)

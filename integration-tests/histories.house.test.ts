import assert from 'node:assert/strict'
import { test } from 'vitest'
import { checkHistory } from './histories/check-history.ts'
import { countWrites } from './histories/count-writes.ts'
import { setDisorder } from './histories/disorder.ts'
import { makeHistory, type History } from './histories/make-history.ts'
import type { MoveName } from './histories/moves.ts'
import { resetCalls } from './records.ts'
import { startHouse, type House } from './start-house.ts'

// More of them, and a failed one again: HISTORIES=20 SEED=7 vitest run --project house histories
const first = Number(process.env['SEED'] ?? 1)
const seeds = Array.from({ length: Number(process.env['HISTORIES'] ?? 2) }, (_, at) => first + at)
const steps = 60

const edits = {
  ...{ 'edit a field': 4, 'edit a link': 3, 'edit a field on both sides': 1, 'type an amount': 1 },
  ...{ 'opt out or in': 2, 'add a contact': 3, 'change a role': 3, 'remove a contact': 2 },
} as const satisfies Partial<Record<MoveName, number>>

const growth = {
  ...{ 'make an organisation': 1, 'make a person': 2, 'make an opportunity': 2 },
  ...{ 'let an organisation in': 1, 'flag a person': 1, 'delete a record': 1 },
} as const satisfies Partial<Record<MoveName, number>>

/** Enough of each kind, all of them linked. */
const beginning: readonly MoveName[] = [
  ...Array.from({ length: 3 }, () => 'make an organisation' as const),
  ...Array.from({ length: 5 }, () => 'make a person' as const),
  ...Array.from({ length: 3 }, () => 'make an opportunity' as const),
]

test.each(seeds)(
  'history %i of edits, moves, roles and opt-outs of all kinds on both sides, with webhooks doubled, late and reordered: it converges, nothing is lost silently, no opt-out is undone, and writes per human edit stay at 1.00 at most',
  async (seed) => {
    await using house = await startHouse()
    const history = makeHistory({ systems: house, seed, weights: edits })
    for (const move of beginning) history.make(move)
    await house.settled()
    setDisorder(house, { lateMs: 30, doubled: 0.3 })
    resetCalls(house)
    const before = history.book.most()
    await play(house, history)
    await house.settled()
    const [writes, most] = [countWrites(house), history.book.most() - before]
    await checkHistory(house, history)
    assert.ok(writes <= most, `${writes} writes for ${most} edits`)
  },
)

test.each(seeds)(
  'history %i with new and deleted records of all kinds, flags, and organisations that are let in late: it converges, no opt-out is undone, and nothing is made twice',
  async (seed) => {
    await using house = await startHouse()
    const history = makeHistory({
      systems: house,
      seed: 1_000 + seed,
      weights: { ...edits, ...growth },
    })
    for (const move of beginning) history.make(move)
    history.make('make an organisation that is kept out')
    await house.settled()
    setDisorder(house, { lateMs: 30, doubled: 0.3 })
    await play(house, history)
    await house.settled()
    history.clearFlags()
    await house.settled()
    await checkHistory(house, history)
  },
)

/** With pauses, in which the product may come to rest or at least have heard of everything. */
async function play(house: House, history: History): Promise<void> {
  for (let at = 0; at < steps; at += 1) {
    history.step()
    const how = history.random()
    if (how < 0.15) await house.settled()
    else if (how < 0.3) await house.outreach.whenQuiet()
    history.settle(how < 0.15)
  }
}

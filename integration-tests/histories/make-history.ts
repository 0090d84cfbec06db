import assert from 'node:assert/strict'
import { makeSeededRandom } from '../../sandbox/outreach/seeded-random.ts'
import type { Systems } from '../kill-nine/systems.ts'
import { makeBook } from './book.ts'
import type { World } from './fields.ts'
import { kindNames, makePopulation, type Known } from './known.ts'
import { makeMoves, type MoveName } from './moves.ts'
import type { OptOut } from './opt-outs.ts'

type Options = {
  readonly systems: Systems
  readonly seed: number
  /** How often each move is made, beside the others; absent: never. */
  readonly weights: Readonly<Partial<Record<MoveName, number>>>
}

/** A random history of people at both systems: the same for the same seed, but for who is quicker. */
export function makeHistory({ systems, seed, weights }: Options) {
  const random = makeSeededRandom(seed)
  const population = makePopulation(systems)
  const world: World = { systems, population }
  const book = makeBook()
  const optOuts = new Map<Known, OptOut>()
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)]
  let isSettled = false
  const moves = makeMoves({ world, book, optOuts, random, pick, isSettled: () => isSettled })
  const drawn = Object.entries(weights).flatMap(
    ([name, weight]) => Array.from({ length: weight }, () => name as MoveName), // its own keys
  )

  return {
    world,
    book,
    optOuts,
    random,
    make: moves.make,
    /** Says whether nothing is under way just now. */
    settle(isQuiet: boolean): void {
      isSettled = isQuiet
    },
    /** Moves by their weights, until one could be made. */
    step(): void {
      for (let tries = 0; tries < 50; tries += 1) {
        const name = pick(drawn)
        if (name !== undefined && moves.make(name)) return
      }
      assert.fail('nobody could do anything')
    },
    /** Takes every flag away that people put there. */
    clearFlags(): void {
      for (const known of kindNames.flatMap((kind) => population.standing(kind))) moves.clear(known)
    },
  }
}

export type History = ReturnType<typeof makeHistory>

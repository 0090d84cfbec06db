import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { test } from 'vitest'
import type { Entry } from './event-log.ts'
import { makeFaultyLog } from './spool/faulty-log.fixture.ts'
import type { SendFate } from './spool/faulty-log.fixture.ts'
import { makeMemoryDisk, openMemorySpool } from './spool/memory-spool.fixture.ts'
import { makeSpoolingLog } from './spooling-log.ts'
import { quietSignals } from './spool/signals.fixture.ts'

const KEYS = ['a', 'b', 'c']

type Step =
  | { readonly kind: 'append'; readonly keys: readonly string[] }
  | { readonly kind: 'pass'; readonly turns: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'away' | 'back' | 'full' | 'roomy' | 'crash' }

const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        keys: fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        turns: fc.integer({ min: 1, max: 12 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'wait' as const }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('away', 'away', 'back', 'back', 'full', 'roomy', 'crash'),
      }),
    },
  ),
  { minLength: 10, maxLength: 80 },
)

/** Deterministic from its seed, so that a run that failed can be run again. */
function makeDice(seed: number) {
  let state = seed
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const FATES: readonly SendFate[] = [
  'kept',
  'kept',
  'kept',
  'kept',
  'keptTwice',
  'keptAndRejected',
  'rejected',
]

/** A broker and a disk that outlive the processes, of which one runs at a time. */
function makeWorld(seed: number) {
  const dice = makeDice(seed)
  const kept: Entry[] = []
  const disk = makeMemoryDisk()
  const acknowledged: string[] = []
  const world = { isAway: false, isFull: false, isCalm: false }
  const words = new Map<string, number>()

  const passTurns = async (most: number) => {
    for (let left = dice(most); left > 0; left--) await turn()
  }

  const startLife = async () => {
    const life = { isDead: false }
    const forever = new Promise<never>(() => {})
    const pass = async () => {
      if (life.isDead) await forever
      if (!world.isCalm) await passTurns(4)
      if (life.isDead) await forever
    }
    const decideFate = async (): Promise<SendFate> => {
      if (life.isDead) await forever
      if (world.isCalm) return 'kept'
      await passTurns(8)
      // A send that hangs is settled when the broker is back, or given up before.
      for (let patience = dice(40); world.isAway && patience > 0; patience--) await turn()
      if (life.isDead) {
        // It may have arrived: nobody will ever be told.
        if (dice(2) === 0) return 'keptAndRejected'
        await forever
      }
      return world.isAway ? 'rejected' : (FATES[dice(FATES.length)] ?? 'kept')
    }
    const spool = await openMemorySpool({ disk, pass, isFull: () => world.isFull })
    const answers: Promise<void>[] = []
    const log = makeSpoolingLog({
      log: makeFaultyLog({ kept, decideFate }),
      spool,
      deadlineMs: 4,
      isHopeless: () => false,
      waits: { firstMs: 0, lastMs: 1 },
      signals: quietSignals,
    })
    return {
      die: () => (life.isDead = true),
      append: (keys: readonly string[]) => {
        const entries = keys.map((key): Entry => {
          const n = (words.get(key) ?? 0) + 1
          words.set(key, n)
          return { topic: 't', key, value: Buffer.from(`${key} ${n}`) }
        })
        const answered = log.append(entries).then(
          () => {
            if (!life.isDead) acknowledged.push(...entries.map(textOf))
          },
          () => {}, // The connection was reset: nothing was promised.
        )
        answers.push(answered)
      },
      everybodyAnswered: () => Promise.all(answers),
      probe: () => log.append([{ topic: 't', key: 'probe', value: Buffer.from('probe') }]),
    }
  }
  return { world, kept, acknowledged, startLife, passTurns, disk }
}

const textOf = ({ value }: Entry) => Buffer.from(value).toString()

async function play(script: readonly Step[], seed: number) {
  const { world, kept, acknowledged, startLife, passTurns, disk } = makeWorld(seed)
  let life = await startLife()
  for (const step of script) {
    switch (step.kind) {
      case 'append':
        life.append(step.keys)
        break
      case 'pass':
        await passTurns(step.turns)
        break
      case 'wait':
        await new Promise((resolve) => setTimeout(resolve, 6))
        break
      case 'away':
      case 'back':
        world.isAway = step.kind === 'away'
        break
      case 'full':
      case 'roomy':
        world.isFull = step.kind === 'full'
        break
      case 'crash':
        life.die()
        life = await startLife()
        break
      default:
        step satisfies never
    }
  }
  Object.assign(world, { isAway: false, isFull: false, isCalm: true })
  // Direct mode is back as soon as an append answers where the entry is.
  while ((await life.probe()).length === 0) await turn()
  await life.everybodyAnswered()
  assert.equal(disk.held.length, 0, 'the spool drains')
  return { kept, acknowledged }
}

/** In the order in which they first came. */
function firstsOf(kept: readonly Entry[], key: string): readonly number[] {
  const numbers = kept.filter((entry) => entry.key === key).map(numberOf)
  return [...new Set(numbers)]
}
const numberOf = (entry: Entry) => Number(textOf(entry).split(' ')[1])

test('whatever happens: what was acknowledged is there, first in the order of its appends, and the log is direct again', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 0, max: 2 ** 31 }), async (script, seed) => {
      // The steps are as generated; fast-check widens the kinds.
      const { kept, acknowledged } = await play(script, seed)
      const texts = new Set(kept.map(textOf))
      for (const word of acknowledged) assert(texts.has(word), `${word} was answered and is lost`)
      for (const key of KEYS) {
        const answered = new Set(acknowledged)
        const firsts = firstsOf(kept, key).filter((n) => answered.has(`${key} ${n}`))
        assert.deepEqual(
          firsts,
          firsts.toSorted((a, b) => a - b),
          `out of order: ${key}`,
        )
      }
    }),
    { numRuns: 100 },
  )
}, 60_000)

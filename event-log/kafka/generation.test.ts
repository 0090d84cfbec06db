import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import type { Handed, Kept } from '../event-log.ts'
import { makeGeneration } from './generation.ts'
import type { Generation } from './generation.ts'

const place = { topic: 't', partition: 0 }
const other = { topic: 't', partition: 1 }

function kept(offset: number, partition = 0, bytes = 10): Kept {
  const at = { topic: 't', partition, offset: BigInt(offset) }
  return { topic: 't', key: 'k', value: new Uint8Array(bytes), at, keptAt: 0 }
}
const entriesOf = (from: number, to: number, partition = 0) =>
  Array.from({ length: to - from }, (_, n) => kept(from + n, partition))

describe('a generation of partitions', () => {
  let handed: Handed[]
  let owned: AbortSignal
  let held: string[]
  let broken: unknown[]
  let mayHand: boolean
  let generation: Generation
  const make = (maxInHand: number, maxAheadBytes = 1_000_000) => {
    generation = makeGeneration({
      places: [place, other],
      maxInHand,
      maxAheadBytes,
      take: (entries, signal) => {
        handed.push(...entries)
        owned = signal
      },
      mayHand: () => mayHand,
      hold: ({ partition }) => held.push(`hold ${partition}`),
      release: ({ partition }) => held.push(`release ${partition}`),
      broke: (error) => broken.push(error),
    })
    generation.place([
      { ...place, offset: 0 },
      { ...other, offset: 100 },
    ])
  }
  const fetched = (from: number, to: number, { partition = 0, last = to - 1 } = {}) =>
    generation.fetched({ ...place, partition, entries: entriesOf(from, to, partition), last })
  const offsets = () => handed.map(({ at }) => `${at.partition}/${at.offset}`)

  beforeEach(() => {
    handed = []
    held = []
    broken = []
    mayHand = true
    make(3)
  })

  test('no more is in hand than there is room for, over all partitions; done makes room', () => {
    fetched(0, 5)
    fetched(100, 102, other)
    assert.deepEqual(offsets(), ['0/0', '0/1', '0/2'])
    handed[1]?.done()
    handed[1]?.done()
    assert.equal(handed.length, 4)
    for (let n = 0; n < handed.length; n++) handed[n]?.done()
    assert.deepEqual(
      offsets().filter((at) => at.startsWith('0')),
      ['0/0', '0/1', '0/2', '0/3', '0/4'],
    )
    assert.deepEqual(
      offsets().filter((at) => at.startsWith('1')),
      ['1/100', '1/101'],
    )
  })

  test('commits move over what is done without a gap, and are told once', () => {
    fetched(0, 3)
    assert.deepEqual(generation.moved(), [])
    handed[1]?.done()
    assert.deepEqual(generation.moved(), [])
    handed[0]?.done()
    const moved = generation.moved()
    assert.deepEqual(moved, [{ ...place, offset: 2 }])
    generation.committed(moved)
    assert.deepEqual(generation.moved(), [])
  })

  test('what is no entry is passed: transactions leave records at the end of a fetch', () => {
    fetched(0, 2, { last: 4 })
    for (const { done } of handed) done()
    assert.deepEqual(generation.moved(), [{ ...place, offset: 5 }])
    assert.equal(fetched(5, 6), 'taken')
  })

  test('after its end nothing is handed out and no done counts', () => {
    fetched(0, 5)
    generation.end()
    assert.equal(owned.aborted, true)
    for (const { done } of handed) done()
    assert.equal(handed.length, 3)
    assert.deepEqual(generation.moved(), [])
    assert.equal(fetched(5, 6), 'not ours')
  })

  test('what was done before the end can still be committed', () => {
    fetched(0, 2)
    handed[0]?.done()
    generation.end()
    handed[1]?.done()
    assert.deepEqual(generation.moved(), [{ ...place, offset: 1 }])
  })

  test('a partition that is not ours, and one that begins again, are refused', () => {
    assert.equal(generation.fetched({ topic: 't', partition: 9, entries: [], last: 0 }), 'not ours')
    assert.equal(fetched(0, 2), 'taken')
    assert.equal(fetched(1, 2), 'backwards')
    assert.equal(fetched(50, 52), 'taken', 'what retention took is skipped')
  })

  test('a partition with much waiting is held, and released when half of it is handed out', () => {
    make(1, 1_000)
    fetched(0, 5)
    assert.deepEqual(held, ['hold 0'])
    for (let n = 0; n < 2; n++) handed[n]?.done()
    assert.deepEqual(held, ['hold 0'])
    handed[2]?.done()
    assert.deepEqual(held, ['hold 0', 'release 0'])
  })

  test('a busy partition starves no other', () => {
    make(600)
    mayHand = false
    fetched(0, 2_000)
    fetched(100, 150, other)
    mayHand = true
    generation.pump()
    assert.equal(offsets().filter((at) => at.startsWith('1')).length, 50)
  })

  test('done within the call that hands out is counted', () => {
    handed = []
    generation = makeGeneration({
      places: [place],
      maxInHand: 2,
      maxAheadBytes: 1_000,
      take: (entries) => {
        handed.push(...entries)
        for (const { done } of entries) done()
      },
      mayHand: () => true,
      hold: () => {},
      release: () => {},
      broke: (error) => broken.push(error),
    })
    generation.place([{ ...place, offset: 0 }])
    fetched(0, 9)
    assert.equal(handed.length, 9)
    assert.deepEqual(generation.moved(), [{ ...place, offset: 9 }])
  })

  test('whoever takes and throws breaks the consumer, not whoever says done', () => {
    make(1)
    let mayThrow = false
    generation = makeGeneration({
      places: [place],
      maxInHand: 1,
      maxAheadBytes: 1_000,
      take: (entries) => {
        if (mayThrow) throw new Error('thrown')
        handed.push(...entries)
      },
      mayHand: () => true,
      hold: () => {},
      release: () => {},
      broke: (error) => broken.push(String(error)),
    })
    generation.place([{ ...place, offset: 0 }])
    fetched(0, 2)
    mayThrow = true
    handed[0]?.done()
    assert.deepEqual(broken, ['Error: thrown'])
  })
})

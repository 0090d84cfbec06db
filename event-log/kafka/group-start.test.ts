import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { BrokerCalls } from './broker-calls.ts'
import type { PlacedOffset } from './place.ts'
import { findStarts, fixGroupStart } from './group-start.ts'

const at = (topic: string, partition: number, offset: number) => ({ topic, partition, offset })
const places = [at('a', 0, 0), at('a', 1, 0), at('b', 0, 0)].map(({ topic, partition }) => ({
  topic,
  partition,
}))

/** A cluster where every partition begins at 5 and ends at 9. */
function clusterWith(committed: readonly PlacedOffset[], hasMembers: boolean) {
  const kept: PlacedOffset[] = [...committed]
  const calls: Pick<BrokerCalls, 'partitionsOf' | 'committed' | 'offsetsAt' | 'commitFromOutside'> =
    {
      partitionsOf: () => Promise.resolve(places),
      committed: () => Promise.resolve(kept),
      offsetsAt: (asked, from) =>
        Promise.resolve(asked.map((place) => ({ ...place, offset: from === 'end' ? 9 : 5 }))),
      commitFromOutside: (_, offsets) => {
        if (!hasMembers) kept.push(...offsets)
        return Promise.resolve(!hasMembers)
      },
    }
  return { calls, kept }
}

test('a group that never committed begins where it was told to, and that is committed', async () => {
  const { calls, kept } = clusterWith([at('a', 0, 7)], false)
  const start = await fixGroupStart(calls, 'g', { topics: ['a', 'b'], startFrom: 'end' })
  assert.deepEqual(kept, [at('a', 0, 7), at('a', 1, 9), at('b', 0, 9)])
  assert.deepEqual(await findStarts(calls, 'g', start), kept)
})

test('where others of the group run, the beginning of a topic new to them is remembered', async () => {
  const { calls, kept } = clusterWith([at('a', 0, 7), at('a', 1, 8)], true)
  const start = await fixGroupStart(calls, 'g', { topics: ['a', 'b'], startFrom: 'end' })
  assert.equal(kept.length, 2)
  assert.deepEqual(await findStarts(calls, 'g', start), [...kept, at('b', 0, 9)])
})

test('a partition that came later begins at its beginning, whatever the group was told', async () => {
  const { calls, kept } = clusterWith([at('a', 0, 7), at('a', 1, 8), at('b', 0, 6)], true)
  const start = await fixGroupStart(calls, 'g', { topics: ['a', 'b'], startFrom: 'end' })
  const later = { topic: 'b', partition: 1 }
  const found = await findStarts(calls, 'g', { ...start, places: [...places, later] })
  assert.deepEqual(found, [...kept, { ...later, offset: 5 }])
})

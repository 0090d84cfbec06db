import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { makeExclusion } from './exclusion.ts'

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('nobody else works on a key that is held, and everybody gets a turn, whatever they ask for', async () => {
  const wishes = fc.array(
    fc.record({
      keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 }),
      turns: fc.nat({ max: 3 }),
      fails: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  await fc.assert(
    fc.asyncProperty(wishes, async (asked) => {
      const { exclusively } = makeExclusion()
      const holders = new Map<string, number>()
      const begun: number[] = []
      const work = async (index: number, { keys, turns, fails }: (typeof asked)[number]) => {
        begun.push(index)
        for (const key of new Set(keys)) {
          assert.equal(holders.get(key), undefined)
          holders.set(key, index)
        }
        for (let turn = 0; turn < turns; turn++) await nextTurn()
        for (const key of new Set(keys)) holders.delete(key)
        if (fails) throw new Error(`work ${index}`)
        return index
      }
      const results = await Promise.allSettled(
        asked.map((wish, index) => exclusively(wish.keys, () => work(index, wish))),
      )
      for (const [index, result] of results.entries()) {
        assert.equal(result.status, asked[index]?.fails === true ? 'rejected' : 'fulfilled')
      }
      for (const key of ['a', 'b', 'c', 'd'] as const) {
        const order = begun.filter((index) => asked[index]?.keys.includes(key))
        assert.deepEqual(
          order,
          [...order].sort((one, other) => one - other),
          'first come, first served',
        )
      }
    }),
    { numRuns: 200 },
  )
})

test('those who ask for different keys do not wait for each other', async () => {
  const { exclusively } = makeExclusion()
  let letGo = () => {}
  const slow = exclusively(['a'], () => new Promise<void>((resolve) => (letGo = resolve)))
  assert.equal(await exclusively(['b'], () => Promise.resolve('other')), 'other')
  assert.equal(await exclusively([], () => Promise.resolve('none')), 'none')
  letGo()
  await slow
})

test('work that throws at once lets go of its keys', async () => {
  const { exclusively } = makeExclusion()
  const thrower = () => {
    throw new Error('at once')
  }
  await assert.rejects(exclusively(['a', 'a'], thrower), /at once/)
  assert.equal(await exclusively(['a'], (held) => Promise.resolve(held.aborted)), false)
})

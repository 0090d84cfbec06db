import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import type { Handed } from '../event-log/event-log.ts'
import { makeInOrderPerKey } from './in-order-per-key.ts'

const never = () => assert.fail('nothing fails here')

function makeEntries(keys: readonly string[], done: number[] = []): readonly Handed[] {
  return keys.map((key, offset) => ({
    topic: 'outreach.account',
    key,
    value: new Uint8Array(),
    at: { topic: 'outreach.account', partition: 0, offset: BigInt(offset) },
    keptAt: 0,
    done: () => void done.push(offset),
  }))
}

/** Work that waits until it is told to end. */
function makeWork() {
  const begun: { readonly offset: number; readonly end: (error?: Error) => void }[] = []
  const work = ({ at }: Handed) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        if (error === undefined) resolve()
        else reject(error)
      }
      begun.push({ offset: Number(at.offset), end })
    })
  const end = async (offset: number, error?: Error) => {
    begun.findLast((one) => one.offset === offset)?.end(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { work, end, begun: () => begun.map(({ offset }) => offset) }
}

test('keys go beside each other, the entries of a key one after another', async () => {
  const { work, end, begun } = makeWork()
  const done: number[] = []
  const { take } = makeInOrderPerKey({ most: 10, work, failed: never })

  take(makeEntries(['a', 'a', 'b'], done), new AbortController().signal)
  assert.deepEqual(begun(), [0, 2])
  await end(2)
  assert.deepEqual(begun(), [0, 2], 'the second of "a" waits for the first')
  await end(0)
  assert.deepEqual(begun(), [0, 2, 1])
  assert.deepEqual(done, [2, 0])
})

test('no more than so many are under way, and a busy key takes turns with the others', async () => {
  const { work, end, begun } = makeWork()
  const { take } = makeInOrderPerKey({ most: 1, work, failed: never })

  take(makeEntries(['a', 'a', 'a', 'b']), new AbortController().signal)
  await end(0)
  assert.deepEqual(begun(), [0, 3])
})

test('what fails is not done, and nothing of its key overtakes it until it is handed out again', async () => {
  const { work, end, begun } = makeWork()
  const done: number[] = []
  const errors: unknown[] = []
  const failed = (error: unknown) => void errors.push(error)
  const { take, whenIdle } = makeInOrderPerKey({ most: 10, work, failed })
  const first = new AbortController()

  const entries = makeEntries(['a', 'a', 'b'], done)
  take(entries, first.signal)
  const broken = new Error('it cannot be done')
  await end(0, broken)
  await end(2)
  take(entries.slice(1, 2), first.signal)
  await whenIdle()
  assert.deepEqual([begun(), done, errors], [[0, 2], [2], [broken]])

  first.abort()
  take(entries.slice(0, 2), new AbortController().signal)
  await end(0)
  await end(1)
  assert.deepEqual(
    [begun().slice(2), done.slice(1)],
    [
      [0, 1],
      [0, 1],
    ],
  )
})

test('what was lost is passed over, and its key waits for what was under way', async () => {
  const { work, end, begun } = makeWork()
  const done: number[] = []
  const { take } = makeInOrderPerKey({ most: 10, work, failed: never })
  const first = new AbortController()

  const entries = makeEntries(['a', 'a'], done)
  take(entries, first.signal)
  first.abort()
  take(entries, new AbortController().signal)
  assert.deepEqual(begun(), [0], 'the same entry is not worked on twice at once')
  await end(0)
  assert.deepEqual([begun(), done], [[0, 0], []], 'what was lost under way is not done')
  await end(0)
  await end(1)
  assert.deepEqual(
    [begun(), done],
    [
      [0, 0, 1],
      [0, 1],
    ],
  )
})

test('whatever comes however slowly: all of it, in order, each key alone, never more than so many', async () => {
  const oneKey = fc.constantFrom('a', 'b', 'c', 'd')
  const steps = fc.array(fc.record({ key: oneKey, turns: fc.nat(3) }), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (all, most) => {
      const busy = new Set<string>()
      const seen = new Map<string, bigint>()
      const done: number[] = []
      const work = async ({ key, at }: Handed) => {
        assert.ok(!busy.has(key) && busy.size < most)
        assert.ok((seen.get(key) ?? -1n) < at.offset)
        busy.add(key)
        seen.set(key, at.offset)
        for (let turn = all[Number(at.offset)]?.turns ?? 0; turn > 0; turn--)
          await Promise.resolve()
        busy.delete(key)
      }
      const errors: unknown[] = []
      const failed = (error: unknown) => void errors.push(error)
      const { take, whenIdle } = makeInOrderPerKey({ most, work, failed })
      take(
        makeEntries(
          all.map(({ key }) => key),
          done,
        ),
        new AbortController().signal,
      )
      await whenIdle()
      assert.deepEqual(errors, [])
      assert.deepEqual(
        done.toSorted((one, two) => one - two),
        all.map((_, offset) => offset),
      )
    }),
  )
})

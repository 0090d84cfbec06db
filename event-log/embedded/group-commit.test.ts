import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'vitest'
import { makeGroupCommit } from './group-commit.ts'
import type { Group, GroupKept } from './messages.ts'
import { packParcel } from './parcel.ts'

type Asked = {
  readonly group: Group
  readonly kept: () => void
  readonly failed: () => void
}

/** A thread that keeps a group when it is told to. */
function open() {
  const asked: Asked[] = []
  const group = makeGroupCommit({
    now: () => 0,
    advanced: () => undefined,
    thread: {
      ask: (ask) =>
        new Promise((resolve, reject) => {
          const { raws, labels } = ask as Group
          const kept: GroupKept = {
            answers: packParcel(Array.from(raws.lengths, () => new Uint8Array(1))),
            failures: [],
            offsets: new Float64Array(labels.length),
            heads: [],
          }
          asked.push({
            group: ask as Group,
            kept: () => resolve(kept), // the group's own answer
            failed: () => reject(new Error('the disk failed')),
          })
        }),
    },
  })
  const keep = (many: number) =>
    Promise.allSettled(Array.from({ length: many }, () => group.keep(new Uint8Array(1))))
  const sizes = () => asked.map(({ group: { raws } }) => raws.lengths.length)
  return { group, asked, keep, sizes }
}

const mark = (next: number) => ({ group: 'g', topic: 't', next })

test('what arrives together goes together, at once', async () => {
  const { keep, sizes } = open()
  void keep(3)
  await turn()
  assert.deepEqual(sizes(), [3])
})

test('a few wait while a group is under way, and go when it is kept', async () => {
  const { asked, keep, sizes } = open()
  void keep(1)
  await turn()
  void keep(23)
  await turn()
  assert.deepEqual(sizes(), [1])
  asked[0]?.kept()
  await turn()
  await turn()
  assert.deepEqual(sizes(), [1, 23])
})

test('many go beside a group that is under way; a third group never does', async () => {
  const { asked, keep, sizes } = open()
  void keep(1)
  await turn()
  void keep(24)
  await turn()
  void keep(100)
  await turn()
  assert.deepEqual(sizes(), [1, 24])
  asked[0]?.kept()
  await turn()
  await turn()
  assert.deepEqual(sizes(), [1, 24, 100])
})

test('a group that fails fails alone', async () => {
  const { asked, keep } = open()
  const first = keep(2)
  await turn()
  const second = keep(30)
  await turn()
  asked[0]?.failed()
  asked[1]?.kept()
  assert.ok((await first).every(({ status }) => status === 'rejected'))
  assert.ok((await second).every(({ status }) => status === 'fulfilled'))
})

test('marks ride on one group at a time, and one that failed rides again', async () => {
  const { group, asked, keep } = open()
  group.mark(mark(5))
  void keep(1)
  await turn()
  group.mark(mark(9))
  void keep(24)
  await turn()
  const marks = () => asked.map(({ group: { marks } }) => marks.map(({ next }) => next))
  assert.deepEqual(marks(), [[5], []])

  const kept = group.marksKept()
  asked[0]?.failed()
  asked[1]?.kept()
  await turn()
  await turn()
  assert.deepEqual(marks(), [[5], [], [9]])
  asked[2]?.kept()
  await kept
})

test('closing waits for both groups, and nothing is taken any more', async () => {
  const { group, asked, keep } = open()
  void keep(1)
  await turn()
  void keep(24)
  await turn()
  let isClosed = false
  const closed = group.close().then(() => {
    isClosed = true
  })
  await assert.rejects(group.keep(new Uint8Array(1)), /closed/)
  asked[1]?.kept()
  await turn()
  assert.equal(isClosed, false)
  asked[0]?.kept()
  await closed
})

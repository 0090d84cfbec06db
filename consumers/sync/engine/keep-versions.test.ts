import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Statement } from '../../../state/state-store.ts'
import { makeNotedVersions } from '../pair/noted-versions.ts'
import { makeKeepVersions } from './keep-versions.ts'

function open() {
  const writes: (readonly Statement[])[] = []
  const ends: { readonly succeed: () => void; readonly fail: (why: Error) => void }[] = []
  const keep = makeKeepVersions({
    store: {
      write: (statements) => {
        writes.push(statements)
        return new Promise((resolve, reject) => {
          ends.push({ succeed: () => resolve([]), fail: reject })
        })
      },
    },
    now: () => 5,
  })
  // A row of the statement is system, type, id, handled, at and handlings.
  const idsOf = (write: readonly Statement[] | undefined) =>
    (write ?? []).flatMap(({ params = [] }) => params.filter((_, index) => index % 6 === 2))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { keep, ends, turn, ids: () => writes.map(idsOf) }
}

function noting(id: string) {
  const noted = makeNotedVersions()
  noted.note({ system: 'workbooks', type: 'organisation', id, version: '1' })
  return noted
}

test('hints that end together share a write, and whoever comes meanwhile the next one', async () => {
  const { keep, ends, turn, ids } = open()
  const first = [keep(noting('1')), keep(noting('2'))]
  await turn()
  const second = [keep(noting('3')), keep(noting('4'))]
  await turn()
  assert.deepEqual(ids(), [['1', '2']])
  ends[0]?.succeed()
  await Promise.all(first)
  await turn()
  assert.deepEqual(ids(), [
    ['1', '2'],
    ['3', '4'],
  ])
  ends[1]?.succeed()
  await Promise.all(second)
})

test('what is kept is not written again; a hint that kept all with its outcome writes nothing', async () => {
  const { keep, ends, turn, ids } = open()
  const noted = noting('1')
  const done = keep(noted)
  await turn()
  ends[0]?.succeed()
  await done
  await keep(noted)
  await keep(makeNotedVersions())
  assert.deepEqual(ids(), [['1']])
})

test('a write that fails is told to those it was for, and to no later one', async () => {
  const { keep, ends, turn, ids } = open()
  const noted = noting('1')
  const [first, second] = [keep(noted), keep(noting('2'))]
  await turn()
  const third = keep(noting('3'))
  ends[0]?.fail(new Error('away'))
  await assert.rejects(first, /away/)
  await assert.rejects(second, /away/)
  await turn()
  ends[1]?.succeed()
  await third
  assert.deepEqual([ids()[1], noted.unkept().length], [['3'], 1])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { noteFound } from './note-found.ts'

test('each part that told of a record is a find of its own, at its own time', () => {
  const address = { system: 'outreach', type: 'emailAddress', handlings: 0 } as const
  const published = [
    { ...address, id: '5', version: 'a', changedAt: 100 },
    { ...address, id: '6', version: 'b' },
  ]
  const [statement] = noteFound([{ published, changedAt: 107, foundAt: 110_000 }])
  assert.deepEqual(statement?.params, [
    ...['outreach.emailAddress', 'outreach:emailAddress:5', 'a', 100, 110_000],
    ...['outreach.emailAddress', 'outreach:emailAddress:6', 'b', 107, 110_000],
  ])
})

test('of nothing nothing is noted', () => {
  assert.deepEqual(noteFound([]), [])
})

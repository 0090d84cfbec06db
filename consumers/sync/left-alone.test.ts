import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Statement } from '../../state/state-store.ts'
import { makeLeftAlone } from './left-alone.ts'

const stages = { kind: 'opportunity', what: 'stages' }

function open() {
  const told: string[] = []
  const written: (readonly unknown[])[] = []
  const leftAlone = makeLeftAlone({
    store: {
      write: (statements: readonly Statement[]) => {
        written.push(...statements.map(({ params = [] }) => params))
        return Promise.resolve([])
      },
    },
    signals: { leftAlone: ({ kind, what, why }) => told.push(`${kind} ${what}: ${why}`) },
  })
  return { leftAlone, told, written }
}

test('what is left alone is said once for each reason in the log, and each time in the state', async () => {
  const { leftAlone, told, written } = open()
  await leftAlone.say({ ...stages, why: 'no scope' })
  await leftAlone.say({ ...stages, why: 'no scope' })
  await leftAlone.say({ ...stages, why: 'no OAuth' })
  assert.deepEqual(told, ['opportunity stages: no scope', 'opportunity stages: no OAuth'])
  assert.deepEqual(written, [
    ['left-alone:opportunity:stages', 'Its stages are left alone: no scope.'],
    ['left-alone:opportunity:stages', 'Its stages are left alone: no scope.'],
    ['left-alone:opportunity:stages', 'Its stages are left alone: no OAuth.'],
  ])
})

test('once it is over the state forgets it, also what an earlier process said; then it may be said anew', async () => {
  const { leftAlone, told, written } = open()
  await leftAlone.isOver(stages)
  await leftAlone.isOver(stages)
  assert.deepEqual(written, [['left-alone:opportunity:stages']])
  await leftAlone.say({ ...stages, why: 'no scope' })
  assert.equal(told.length, 1)
})

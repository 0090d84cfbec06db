import assert from 'node:assert/strict'
import { test } from 'vitest'
import { findFaults } from './delivery-streams.ts'

const faultsOf = (...ids: readonly string[]) =>
  findFaults(
    [{ account: 4101, answered: ['one', 'two', 'three'] }],
    ids.map((id, at) => ({
      partition: 0,
      offset: BigInt(at),
      key: 'outreach:account:4101',
      text: JSON.stringify({ id }),
    })),
  )

test('what was answered is in the log in that order, doubles and strangers aside', () => {
  assert.deepEqual(faultsOf('one', 'two', 'three'), [])
  assert.deepEqual(faultsOf('one', 'two', 'one', 'two', 'not answered', 'three'), [])
})

test('what is missing or has changed its place is a fault', () => {
  assert.deepEqual(faultsOf('one', 'three'), ['answered, and not in the log: two'])
  assert.deepEqual(faultsOf('two', 'one', 'three'), ['out of its order in the log: one'])
})

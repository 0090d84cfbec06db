import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { GatewayEvent } from '../../schemas/event.ts'
import { findOrderFaults } from './find-order-faults.ts'

const record = 'outreach:account:4101'
const events = new Map([
  [
    'outreach.account',
    // All that is looked at of an event.
    ['one', 'two', 'three'].map((id) => ({ id, partitionkey: record }) as GatewayEvent),
  ],
])
const faultsOf = (...decisions: readonly (readonly string[])[]) =>
  findOrderFaults(
    events,
    decisions.map((ids) => ({ record, events: ids })),
  )

test('decisions in the order of the log are right, folded ones too, and those that come again', () => {
  assert.deepEqual(faultsOf(['one'], ['two'], ['three']), [])
  assert.deepEqual(faultsOf(['two', 'one'], ['three']), [])
  assert.deepEqual(faultsOf(['one'], ['two'], ['one', 'two'], ['three']), [])
})

test('a later event that was decided on first is a fault', () => {
  assert.deepEqual(faultsOf(['one'], ['three'], ['two']), [`${record}: three before two`])
  assert.deepEqual(faultsOf(['two'], ['three', 'one']), [`${record}: two before one`])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { gatherMs, makeGathering } from './make-gathering.ts'

function gatherAt(times: { now: number }) {
  return makeGathering({ now: () => times.now, fullBatch: 100 })
}

test('a lone hint never waits, nor do a few', () => {
  const gathering = gatherAt({ now: 1_000 })
  assert.equal(gathering.mustWait({ count: 1, since: 1_000 }), false)
  assert.equal(gathering.mustWait({ count: 19, since: 1_000 }), false)
})

test('in a burst what is ready waits for company', () => {
  const times = { now: 1_000 }
  const gathering = gatherAt(times)
  gathering.taken(15)
  times.now += 10
  assert.equal(gathering.mustWait({ count: 5, since: times.now }), true)
})

test('what came long before is no burst with what comes now', () => {
  const times = { now: 1_000 }
  const gathering = gatherAt(times)
  gathering.taken(100)
  times.now += gatherMs
  assert.equal(gathering.mustWait({ count: 5, since: times.now }), false)
})

test('a full batch waits no more', () => {
  assert.equal(gatherAt({ now: 1_000 }).mustWait({ count: 100, since: 1_000 }), false)
})

test('nobody waits longer than the gathering lasts', () => {
  const gathering = gatherAt({ now: 1_000 + gatherMs })
  assert.equal(gathering.mustWait({ count: 50, since: 1_000 }), false)
})

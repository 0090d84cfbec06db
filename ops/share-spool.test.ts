import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Statement } from '../state/state-store.ts'
import { makeShareSpool, readSpoolFact, sumSpools } from './share-spool.ts'

test('a spool is told when it changed, and only then', async () => {
  const written: Statement[] = []
  let status = { events: 0, oldestSeconds: 0, fullRatio: 0 }
  const share = makeShareSpool({
    store: {
      write: (statements) => {
        written.push(...statements)
        return Promise.resolve([])
      },
    },
    spool: { status: () => Promise.resolve(status) },
    process: 'one',
    now: () => 100_000,
  })
  await share.tell()
  await share.tell()
  assert.equal(written.length, 1)
  status = { events: 3, oldestSeconds: 40, fullRatio: 0.25 }
  await share.tell()
  status = { events: 3, oldestSeconds: 41, fullRatio: 0.25 }
  await share.tell()
  assert.equal(written.length, 2)
  const fact = readSpoolFact(String(written[1]?.params?.[1]))
  assert.deepEqual(fact, { process: 'one', events: 3, oldestAt: 60_000, fullRatio: 0.25 })
})

test('spools are summed over processes: the oldest and the fullest count', () => {
  const facts = [
    { process: 'one', events: 3, oldestAt: 60_000, fullRatio: 0.25 },
    { process: 'two', events: 0, oldestAt: null, fullRatio: 0 },
    { process: 'three', events: 4, oldestAt: 90_000, fullRatio: 0.5 },
  ]
  assert.deepEqual(sumSpools(facts, 100_000), { events: 7, oldestSeconds: 40, fullRatio: 0.5 })
  assert.deepEqual(sumSpools([], 100_000), { events: 0, oldestSeconds: null, fullRatio: 0 })
})

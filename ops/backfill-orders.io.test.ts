import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { migrations } from '../state/schema.ts'
import { makeBackfillOrders } from './backfill-orders.ts'

test('stopping: what is known answers what was stopped, what nobody knows is undefined', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'orders-'))
  const store = await openEmbeddedState({ dir, migrations })
  const at = { ms: 1_000 }
  const orders = makeBackfillOrders({
    store,
    builtKinds: ['organisation', 'person'],
    // Nobody counts: an order waits for that in vain.
    now: () => (at.ms += 1_000),
    randomId: () => `b${at.ms}`,
    wait: () => Promise.resolve(),
    changed: () => Promise.resolve(),
  })
  const asked = await orders.order('person', false)
  const id = asked.kind === 'asked' ? asked.backfill.id : ''
  const stop = async (which: string) => {
    return (await orders.stop(which))?.map(({ id, state }) => `${id} ${state}`)
  }
  assert.equal(await stop('b0'), undefined)
  assert.deepEqual(await stop('organisation'), [])
  assert.deepEqual(await stop(id), [`${id} stopped`])
  assert.deepEqual([await stop(id), await stop('person'), await stop('all')], [[], [], []])
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

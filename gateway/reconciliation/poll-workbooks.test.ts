import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makePolledWorld } from './polled-world.fixture.ts'

/** So many rows that carry the flag and are not linked, made long ago. */
function aWorldWith(unlinked: number) {
  const world = makePolledWorld({ system: 'workbooks', records: 0 })
  for (let id = 1; id <= unlinked; id += 1) world.moving.change(id, { isLinked: false })
  world.moving.pass(3_600)
  return world
}

const origins = (world: ReturnType<typeof aWorldWith>) =>
  [...new Set(world.inLog.map(({ origin }) => origin))].sort()

test('up to 200 unlinked rows found together are synchronised at once (rulebook 3)', async () => {
  const world = aWorldWith(200)
  await world.poll()
  assert.equal(world.inLog.length, 200)
  assert.deepEqual(origins(world), ['reconciliation'])
})

test('more of them go in the backfill lane, all of them, and what is linked does not', async () => {
  const world = aWorldWith(1_001)
  world.moving.change(5_000)
  await world.poll()
  assert.equal(new Set(world.inLog.map(({ id }) => id)).size, 1_002)
  assert.equal(world.inLog.length, 1_002)
  const others = world.inLog.filter(({ origin }) => origin !== 'backfill')
  assert.deepEqual(
    others.map(({ id, origin }) => [id, origin]),
    [['5000', 'reconciliation']],
  )
})

test('rows that stand for ever cost a second call, and one that changes among them is found', async () => {
  const world = aWorldWith(250)
  await world.poll()
  world.handle()
  world.moving.pass(600)
  // As long as they were changed lately, they are not just standing.
  await world.poll()
  assert.deepEqual(await world.poll(), { pages: 2, found: 0 })
  world.moving.change(130, { isLinked: false })
  assert.equal((await world.poll()).found, 1)
  assert.ok(world.isFound('130', '1'))
})

test('one of those that stand, whose flag was set without its time moving, has its turn', async () => {
  const world = aWorldWith(450)
  await world.poll()
  world.handle()
  world.forget('222')
  world.moving.pass(600)
  let found = 0
  for (let turn = 0; turn < 5; turn += 1) found += (await world.poll()).found
  assert.equal(found, 1)
})

test('a gap of days is caught up in order, over intervals, while what is new is found at once', async () => {
  const sizes = { page: 10, pages: 5 }
  const world = makePolledWorld({ system: 'workbooks', records: 200, sizes })
  for (let id = 1; id <= 200; id += 1) {
    world.moving.change(id)
    world.moving.pass(600)
  }
  await world.poll()
  assert.ok(world.isFound('200', '1') && world.isFound('50', '1'))
  assert.ok(!world.isFound('100', '1') && world.isOnWay())
  world.moving.change(150)
  await world.poll()
  assert.ok(world.isFound('150', '2') && world.isFound('100', '1'))
  for (let turn = 0; turn < 4; turn += 1) await world.poll()
  assert.ok(!world.isOnWay())
  for (const [id, version] of world.truth()) assert.ok(world.isFound(id, version), id)
})

test('a deleted row is told as deleted', async () => {
  const world = makePolledWorld({ system: 'workbooks', records: 3 })
  world.moving.pass(60)
  world.moving.change(2, { isDeleted: true })
  await world.poll()
  assert.deepEqual(world.inLog, [{ id: '2', version: '1-deleted', origin: 'reconciliation' }])
})

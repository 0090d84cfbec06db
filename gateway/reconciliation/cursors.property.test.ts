import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { Killed, makePolledWorld, type PolledWorld } from './polled-world.fixture.ts'

const records = 12
const someIds = fc.array(fc.integer({ min: 1, max: records }), { minLength: 1, maxLength: 8 })
const step = fc.oneof(
  fc.record({
    kind: fc.constant('change' as const),
    ids: someIds,
    // A change becomes visible within a minute of the time that it bears.
    delay: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 59 })),
  }),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
  fc.record({
    kind: fc.constant('poll' as const),
    between: fc.option(someIds, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('killed' as const), after: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ kind: fc.constant('handle' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

async function take(world: PolledWorld, one: Step): Promise<void> {
  const { moving } = world
  switch (one.kind) {
    case 'change':
      for (const id of one.ids) moving.change(id, { delay: one.delay })
      return
    case 'pass':
      moving.pass(one.seconds)
      return
    case 'handle':
      world.handle()
      return
    case 'killed':
      return world.poll({ killedAfter: one.after }).then(
        () => undefined,
        (error: unknown) => assert.ok(error instanceof Killed),
      )
    case 'poll':
      return pollAndLook(world, one.between ?? [])
    default:
      return one satisfies never
  }
}

/** Whatever was to be seen as the interval began is found, unless it has changed again by then. */
async function pollAndLook(world: PolledWorld, changing: readonly number[]): Promise<void> {
  const before = world.truth()
  const between = () => {
    world.moving.pass(1)
    for (const id of changing) world.moving.change(id)
  }
  const wasOnWay = world.isOnWay()
  const { pages } = await world.poll({ between })
  // A long way takes as many intervals as it takes.
  if (world.isOnWay() || (wasOnWay && pages >= world.sizes.pages)) return
  const after = world.truth()
  for (const [id, version] of before) {
    if (after.get(id) === version && version !== world.firstVersion(id)) {
      assert.ok(world.isFound(id, version), `${id} was not found as ${version}`)
    }
  }
}

test.each(['workbooks', 'outreach'] as const)(
  '%s: whatever changes, is committed late, moves while it is paged, or kills us: nothing is left out, and then nothing costs more than a call',
  async (system) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: -400, max: 400 }),
        fc.record({ page: fc.integer({ min: 2, max: 4 }), pages: fc.integer({ min: 1, max: 4 }) }),
        async (steps, skew, sizes) => {
          const world = makePolledWorld({ system, records, skew, sizes })
          for (const one of steps) await take(world, one)
          world.moving.pass(60)
          for (let turn = 0; turn < 40 && (turn < 3 || world.isOnWay()); turn += 1) {
            await world.poll()
            world.moving.pass(60)
          }
          await pollAndLook(world, [])
          world.handle()
          world.moving.pass(60)
          assert.deepEqual(await world.poll(), { pages: 1, found: 0 })
        },
      ),
      { numRuns: 200 },
    )
  },
)

test.each(['workbooks', 'outreach'] as const)(
  '%s: a record that changes every second is found in each interval, and hides none of the others',
  async (system) => {
    const world = makePolledWorld({ system, records: 300, sizes: { page: 10, pages: 20 } })
    for (let turn = 0; turn < 10; turn += 1) {
      for (let second = 0; second < 60; second += 1) {
        world.moving.change(1)
        world.moving.pass(1)
      }
      for (let id = 2; id < 40; id += 1) world.moving.change(id + turn)
      await pollAndLook(world, [1])
      assert.ok(!world.isOnWay())
      world.handle()
    }
  },
)

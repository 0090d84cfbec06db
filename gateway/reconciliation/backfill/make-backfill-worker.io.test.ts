import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import type { Entry } from '../../../event-log/event-log.ts'
import type { Polling } from '../../../schemas/polling.ts'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import { makeBackfills, orderBackfill, stopBackfill } from '../../../state/backfills.ts'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { writeFact } from '../../../state/facts.ts'
import { writeOutcome } from '../../../state/outcomes.ts'
import { migrations } from '../../../state/schema.ts'
import type { Statement, StateStore } from '../../../state/state-store.ts'
import { makeBackfillWorker } from './make-backfill-worker.ts'

const polling: Polling = {
  kind: 'person',
  workbooks: {
    ...{ type: 'person', controller: 'crm/people', linkedPassFlags: true },
    columns: {
      ...{ syncToOutreach: 'sync', outreachSyncError: 'error' },
      ...{ outreachDuplicate: null, outreachId: 'outreach_id' },
    },
  },
  outreach: [{ type: 'prospect', attributes: [], links: [], every: 1, oauthOnly: false }],
  createsFrom: [{}],
}

/** A state with one kind that is on, pages of ten records, and consumers that handle what they are told to. */
async function openWorld({ pages }: { readonly pages: number }) {
  const dir = await mkdtemp(join(tmpdir(), 'backfill-'))
  const store = await openEmbeddedState({ dir, migrations })
  await store.write([
    writeFact('connected_at', '1000'),
    writeFact('kind:person', JSON.stringify({ enabled: true, reason: null })),
  ])
  const clock = { now: 1_000_000, consumersAreAheadMs: 0 }
  const asked: string[] = []
  const open: { readonly stop: () => Promise<void> }[] = []
  let isHandling = true

  const refsOf = (page: number) =>
    Array.from({ length: 10 }, (_, index): RecordRef => `outreach:prospect:${page * 10 + index}`)

  async function append(entries: readonly Entry[]) {
    asked.push(...entries.map(({ key }) => key))
    const told = isHandling ? entries : []
    await store.write(
      told.flatMap(({ key }, index) =>
        writeOutcome({
          ...{
            id: `${asked.length}-${index}`,
            at: clock.now + clock.consumersAreAheadMs,
            record: key,
          },
          ...{ records: [key], body: '{}' },
        }),
      ),
    )
    return []
  }

  type Own = {
    readonly append?: typeof append
    readonly store?: Pick<StateStore, 'read' | 'write'>
  }

  function makeWorker(by: string, own: Own = {}) {
    return makeBackfillWorker({
      store: own.store ?? store,
      log: { append: own.append ?? append },
      pages: {
        begin: (backfill) => {
          const state = backfill.isPlan ? 'planned' : 'running'
          return Promise.resolve({ ...backfill, state, records: pages * 10 })
        },
        read: ({ of, position }) => {
          const page = Number(position)
          if (of === 'linked')
            return Promise.resolve({ wanted: [], looked: 0, position: undefined })
          const next = page + 1 < pages ? String(page + 1) : undefined
          return Promise.resolve({ wanted: refsOf(page), looked: 10, position: next })
        },
      },
      pollings: [polling],
      by,
      now: () => clock.now,
      wait: (ms, signal) => sleep(Math.min(ms, 5), undefined, { signal }),
      signals: { backfillMoved: () => undefined, backfillFailed: () => undefined },
    })
  }

  function startWorker(by: string, onAppend: typeof append = append) {
    const worker = makeWorker(by, { append: onAppend })
    worker.start()
    // One that hangs is told to stop, and not waited for.
    open.push(onAppend === append ? worker : { stop: () => Promise.resolve(void worker.stop()) })
    return worker
  }

  async function until(isSo: () => boolean | Promise<boolean>) {
    const end = Date.now() + 4_000
    while (!(await isSo())) {
      assert.ok(Date.now() < end, `it did not come to that; asked: ${asked.length}`)
      await sleep(2)
    }
  }

  return {
    ...{ store, clock, asked, append, makeWorker, startWorker, until },
    order: () =>
      store.write([
        orderBackfill({ id: 'b', kind: 'person', of: 'unlinked', isPlan: false }, clock.now),
      ]),
    orderPlan: () =>
      store.write([
        orderBackfill({ id: 'plan', kind: 'person', of: 'unlinked', isPlan: true }, clock.now),
      ]),
    backfill: (id = 'b') => makeBackfills(store).byId(id),
    handle: (is: boolean) => void (isHandling = is),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(open.map((worker) => worker.stop()))
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

test('all pages are asked for, each once, and then it is idle', async () => {
  await using world = await openWorld({ pages: 4 })
  await world.order()
  const worker = world.startWorker('a')
  assert.equal(worker.isIdle(), false)
  await world.until(() => worker.isIdle())
  assert.equal(world.asked.length, 40)
  assert.equal(new Set(world.asked).size, 40)
  const { state, done, records } = (await world.backfill()) ?? {}
  assert.deepEqual({ state, done, records }, { state: 'done', done: 40, records: 40 })
})

test('no page before most of the one before was handled', async () => {
  await using world = await openWorld({ pages: 3 })
  world.handle(false)
  await world.order()
  world.startWorker('a')
  await world.until(() => world.asked.length === 10)
  await sleep(60)
  assert.equal(world.asked.length, 10)
  assert.equal((await world.backfill())?.done, 0)
})

test('consumers whose clock is half a minute behind have handled what they say', async () => {
  await using world = await openWorld({ pages: 4 })
  world.clock.consumersAreAheadMs = -30_000
  await world.order()
  const worker = world.startWorker('a')
  await world.until(() => worker.isIdle())
  assert.equal((await world.backfill())?.state, 'done')
})

test('a plan is counted while a backfill is under way', async () => {
  await using world = await openWorld({ pages: 3 })
  world.handle(false)
  await world.order()
  const worker = world.startWorker('a')
  await world.until(() => world.asked.length === 10)
  await world.orderPlan()
  await worker.look()
  await world.until(async () => (await world.backfill('plan'))?.state === 'planned')
  assert.deepEqual([world.asked.length, (await world.backfill())?.state], [10, 'running'])
})

test('who finds another at work leaves the state in peace until it looks again', async () => {
  await using world = await openWorld({ pages: 3 })
  world.handle(false)
  await world.order()
  world.startWorker('a')
  await world.until(() => world.asked.length === 10)
  let claims = 0
  const write = (statements: readonly Statement[]) => {
    if (statements.some(({ sql }) => sql.includes('claimed_by = $2'))) claims += 1
    return world.store.write(statements)
  }
  const other = world.makeWorker('b', { store: { ...world.store, write } })
  for (let looks = 1; looks <= 3; looks += 1) {
    await other.look()
    // What a look begins goes on after it, and a look that comes meanwhile begins nothing.
    await world.until(() => claims === looks)
    await sleep(20)
  }
  await sleep(60)
  assert.equal(claims, 3)
  await other.stop()
})

test('a worker that dies in the middle: another goes on where it was, and not before it counts as dead', async () => {
  await using world = await openWorld({ pages: 4 })
  await world.order()
  let appends = 0
  // As after kill -9: nothing more is heard of it.
  const dying = async (entries: readonly Entry[]) => {
    appends += 1
    if (appends > 2) await new Promise(() => undefined)
    return world.append(entries)
  }
  world.startWorker('dead', dying)
  await world.until(() => appends === 3)
  assert.equal((await world.backfill())?.done, 20)

  const heir = world.startWorker('heir')
  await sleep(60)
  assert.equal(world.asked.length, 20)
  world.clock.now += 11_000
  await world.until(() => heir.isIdle())
  assert.deepEqual([world.asked.length, new Set(world.asked).size], [40, 40])
  assert.equal((await world.backfill())?.state, 'done')
})

test('stopped by somebody: nothing more is asked for, and what was asked for stays', async () => {
  await using world = await openWorld({ pages: 3 })
  world.handle(false)
  await world.order()
  const worker = world.startWorker('a')
  await world.until(() => world.asked.length === 10)
  await world.store.write([stopBackfill('b')])
  world.clock.now += 3_000
  await world.until(() => worker.isIdle())
  assert.equal(world.asked.length, 10)
  assert.equal((await world.backfill())?.state, 'stopped')
})

test('a kind that is switched off waits', async () => {
  await using world = await openWorld({ pages: 2 })
  await world.order()
  const off = JSON.stringify({ enabled: false, reason: 'off' })
  await world.store.write([writeFact('kind:person', off)])
  const worker = world.startWorker('a')
  await world.until(() => worker.isIdle())
  assert.deepEqual(world.asked, [])
  assert.equal((await world.backfill())?.state, 'ordered')
})

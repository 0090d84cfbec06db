import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openEmbeddedState } from './embedded-state.ts'
import { openPostgresState } from './postgres-state.ts'
import { startPostgres } from './postgres.fixture.ts'
import type { TestPostgres } from './postgres.fixture.ts'
import { endLease, makeParkedLeases } from './parked-leases.ts'
import { makeParkedRecords, releaseParked, writeParked } from './parked.ts'
import { migrations } from './schema.ts'
import type { StateStore } from './state-store.ts'

const kinds = ['organisation']

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

async function openEmbedded() {
  const dir = mkdtempSync(join(tmpdir(), 'leases-'))
  const store = await openEmbeddedState({ dir, migrations })
  return { store, tidy: () => rmSync(dir, { recursive: true }) }
}

async function openPostgres() {
  const store = await openPostgresState({ url: await postgres.createDatabase(), migrations })
  return { store, tidy: () => undefined }
}

type Open = () => Promise<{ readonly store: StateStore; readonly tidy: () => void }>

async function openWorld(open: Open) {
  const { store, tidy } = await open()
  const clock = { now: 1_000_000 }
  const leasesOf = (by: string) => makeParkedLeases({ store, by, now: () => clock.now })
  const park = (record: string, due: number) => {
    const facts = { kind: 'organisation', reason: 'It failed.', cause: 'record', hint: '{}' }
    const row = { record, due, attempts: 1, since: 0, revision: 0, ...facts }
    return store.write([writeParked(row, undefined)])
  }
  const [one, other] = [leasesOf('one'), leasesOf('other')]
  /** As a look of the engine does. */
  const take = async (leases: typeof one, limit = 10) => {
    const rows = await leases.claim(await leases.due({ kinds, limit }))
    return rows.map(({ record }) => record)
  }
  return {
    ...{ store, clock, park, one, other, take },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      tidy()
    },
  }
}

// prettier-ignore
const stores = [
  { name: 'the embedded state',   open: openEmbedded },
  { name: 'the PostgreSQL state', open: openPostgres },
]

describe.each(stores)('on $name', ({ open }) => {
  test('a row whose time has come is one process’s at a time, the longest due first', async () => {
    await using state = await openWorld(open)
    await state.park('b', 20)
    await state.park('a', 10)
    await state.park('c', 2_000_000)
    assert.deepEqual(await state.take(state.one, 1), ['a'])
    assert.deepEqual(await state.take(state.other), ['b'])
    assert.deepEqual(await state.take(state.one), [])
  })

  test('where both saw it, one of them gets it', async () => {
    await using state = await openWorld(open)
    await state.park('a', 10)
    const [first, second] = await Promise.all([
      state.one.due({ kinds, limit: 9 }),
      state.other.due({ kinds, limit: 9 }),
    ])
    const claimed = await Promise.all([state.one.claim(first), state.other.claim(second)])
    assert.deepEqual(claimed.map((rows) => rows.length).sort(), [0, 1])
  })

  test('a process that dies frees its rows after a minute, one that lives keeps them', async () => {
    await using state = await openWorld(open)
    await state.park('outreach:account:1', 10)
    await state.park('outreach:account:2', 20)
    await state.take(state.one)
    state.clock.now += 40_000
    await state.one.renew(['outreach:account:2'])
    state.clock.now += 20_000
    assert.deepEqual(await state.take(state.other), ['outreach:account:1'])
    state.clock.now += 40_000
    assert.deepEqual(await state.take(state.other), ['outreach:account:2'])
  })

  test('a release, and an event that joins, leave a row in work with who works on it', async () => {
    await using state = await openWorld(open)
    await state.park('a', 10)
    await state.take(state.one)
    await state.store.write([releaseParked('organisation', 'record', state.clock.now)])
    const [row] = await makeParkedRecords(state.store).byRecords(['a'])
    assert.ok(row)
    await state.store.write([writeParked({ ...row, hint: '{"more":1}' }, row)])
    assert.deepEqual(await state.take(state.other), [])
    await state.store.write([endLease('a', 'other')])
    assert.deepEqual(await state.take(state.other), [])
    await state.store.write([endLease('a', 'one')])
    assert.deepEqual(await state.take(state.other), ['a'])
  })

  test('whoever was away for too long hears that the row is another’s, and cannot free it', async () => {
    await using state = await openWorld(open)
    const [a, b] = ['outreach:account:1', 'outreach:account:2'] as const
    await state.park(a, 10)
    await state.park(b, 20)
    await state.take(state.one)
    state.clock.now += 60_000
    assert.deepEqual(await state.take(state.other, 1), [a])
    assert.deepEqual(await state.one.renew([a, b]), [a])
    await state.store.write([endLease(a, 'one')])
    assert.deepEqual(await state.take(state.one), [])
    assert.deepEqual(await state.other.renew([a]), [])
  })

  test('a process that stops lets go of its rows, and only of its own', async () => {
    await using state = await openWorld(open)
    await state.park('a', 10)
    await state.take(state.one)
    await state.park('b', 20)
    await state.take(state.other)
    await state.one.free()
    assert.deepEqual(await state.take(state.other), ['a'])
    assert.deepEqual(await state.take(state.one), [])
  })

  test('many rows, claimed by many at once, are each one process’s', async () => {
    await using state = await openWorld(open)
    const records = Array.from({ length: 200 }, (_, index) => `r${index}`)
    for (const record of records) await state.park(record, 10)
    const takers = Array.from({ length: 8 }, (_, index) =>
      index % 2 === 0 ? state.one : state.other,
    )
    const claimed = await Promise.all(takers.map((leases) => leases.claim(records)))
    assert.deepEqual(
      claimed
        .flat()
        .map(({ record }) => record)
        .sort(),
      records.sort(),
    )
  })
})

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { openPostgresState } from './postgres-state.ts'
import { startPostgres } from './postgres.fixture.ts'
import type { TestPostgres } from './postgres.fixture.ts'
import { migrations } from './schema.ts'
import { StateRefused } from './state-refused.ts'
import { StateUnavailable } from './state-unavailable.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

describe('opening the PostgreSQL state', () => {
  let url: string
  beforeEach(async () => {
    url = await postgres.createDatabase()
  })
  const applied = { sql: 'SELECT id, applied_at FROM migrations ORDER BY place' }

  test('ten processes that start at once on an empty database shape it once', async () => {
    const children = Array.from({ length: 10 }, () =>
      fork(new URL('./postgres/open-once.fixture.ts', import.meta.url), [url], { execArgv: [] }),
    )
    await Promise.all(children.map((child) => once(child, 'message')))
    const answers = children.map((child) => once(child, 'message'))
    const exits = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('open')
    const ids = migrations.map(({ id }) => id)
    for (const [answer] of await Promise.all(answers)) assert.deepEqual(answer, ids)
    await Promise.all(exits)
  })

  test('a migration runs once; one that fails leaves nothing of itself behind', async () => {
    const first = { id: 'one', statements: ['CREATE TABLE one (id TEXT PRIMARY KEY)'] }
    const broken = {
      id: 'two',
      statements: ['CREATE TABLE two (id TEXT)', 'CREATE TABLE one (x TEXT)'],
    }
    await assert.rejects(
      openPostgresState({ url, migrations: [first, broken] }),
      /relation "one" already exists/,
    )
    const second = { id: 'two', statements: ['CREATE TABLE two (id TEXT)'] }
    const open = (now: () => number) => openPostgresState({ url, migrations: [first, second], now })
    await (await open(() => 7))[Symbol.asyncDispose]()
    await using store = await open(() => 8)
    const rows = await store.read(applied)
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['one', 'two'],
    )
    assert.equal(rows[1]?.['applied_at'], 7)
  })

  test('a state that a newer version has shaped is refused', async () => {
    const one = { id: 'one', statements: [] }
    await (await openPostgresState({ url, migrations: [one] }))[Symbol.asyncDispose]()
    await assert.rejects(openPostgresState({ url, migrations: [] }), StateRefused)
  })

  test('a database that is not there is refused at once, with a sentence', async () => {
    await assert.rejects(
      openPostgresState({ url: postgres.url('nowhere'), migrations: [] }),
      (error: unknown) => {
        assert(error instanceof StateRefused)
        assert.match(error.message, /does not let us in.*"nowhere" does not exist.*DATABASE_URL/)
        return true
      },
    )
  })

  test('a server without TLS is refused where TLS is asked for, and the sentence says what to type', async () => {
    const asking = openPostgresState({ url: `${url}?sslmode=require`, migrations: [] })
    await assert.rejects(asking, /takes no TLS. Add \?sslmode=disable/)
    const store = await openPostgresState({ url: `${url}?sslmode=disable`, migrations: [] })
    await store[Symbol.asyncDispose]()
  })

  test('a server that is away is waited for, but not for ever', async () => {
    await postgres.kill9()
    const options = { url, migrations: [] }
    await assert.rejects(openPostgresState({ ...options, patienceMs: 0 }), StateUnavailable)
    let isTold = () => {}
    const told = new Promise<void>((resolve) => (isTold = resolve))
    const opening = openPostgresState({ ...options, signals: { stateAway: () => isTold() } })
    await told
    await postgres.restart()
    await using store = await opening
    assert.deepEqual(await store.read(applied), [])
  })
})

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { contractMigrations } from './contract-migrations.ts'
import { openEmbeddedState } from './embedded-state.ts'
import { migrate } from './migrations.ts'
import { stateStoreContract } from './state-store.contract.ts'
import { StateRefused } from './state-refused.ts'

const makeDir = () => mkdtempSync(join(tmpdir(), 'state-'))

stateStoreContract({
  name: 'the embedded state',
  open: async () => {
    const dir = makeDir()
    const open = () => openEmbeddedState({ dir, migrations: contractMigrations })
    const store = await open()
    let latest = store
    return {
      store,
      reopen: async () => {
        await latest[Symbol.asyncDispose]()
        return (latest = await open())
      },
      close: async () => {
        await latest[Symbol.asyncDispose]()
        rmSync(dir, { recursive: true })
      },
    }
  },
})

describe('the embedded state', () => {
  let dir: string
  beforeEach(() => {
    dir = makeDir()
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  test('a directory that is in use is refused with a sentence', async () => {
    const first = await openEmbeddedState({ dir, migrations: [] })
    await assert.rejects(openEmbeddedState({ dir, migrations: [] }), (error: unknown) => {
      assert(error instanceof StateRefused)
      assert.match(error.message, /Another process already uses the state in .*Stop it first/)
      return true
    })
    await first[Symbol.asyncDispose]()
  })

  test('kill -9 loses no write that was acknowledged, and leaves no half of one', async () => {
    const acknowledged = join(dir, 'acknowledged')
    const child = new URL('./embedded/write-until-killed.ts', import.meta.url)
    for (let round = 0; round < 4; round++) {
      const writer = fork(child, [dir, acknowledged, String(round)], { execArgv: [] })
      await once(writer, 'message')
      writer.kill('SIGKILL')
      await once(writer, 'exit')

      await using store = await openEmbeddedState({ dir, migrations: contractMigrations })
      const idsIn = async (table: string) =>
        (await store.read({ sql: `SELECT id FROM ${table} ORDER BY id` })).map(({ id }) => id)
      const things = await idsIn('things')
      assert.deepEqual(things, await idsIn('seen'))
      const kept = new Set(things)
      const promised = readFileSync(acknowledged, 'utf8').trim().split('\n')
      assert.deepEqual(
        promised.filter((id) => !kept.has(id)),
        [],
      )
    }
  })

  test('a migration runs once; one that fails leaves nothing of itself behind', async () => {
    const first = { id: 'one', statements: ['CREATE TABLE one (id TEXT PRIMARY KEY)'] }
    const broken = {
      id: 'two',
      statements: ['CREATE TABLE two (id TEXT)', 'CREATE TABLE one (x TEXT)'],
    }
    await assert.rejects(openEmbeddedState({ dir, migrations: [first, broken] }), /already exists/)
    const second = { id: 'two', statements: ['CREATE TABLE two (id TEXT)'] }
    await using store = await openEmbeddedState({ dir, migrations: [first, second], now: () => 7 })
    await migrate({ store, migrations: [first, second], now: () => 8 })
    const rows = await store.read({ sql: 'SELECT id, applied_at FROM migrations ORDER BY place' })
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['one', 'two'],
    )
    assert.equal(rows[1]?.['applied_at'], 7)
  })

  test('a state that a newer version has shaped is refused', async () => {
    const one = { id: 'one', statements: [] }
    await (await openEmbeddedState({ dir, migrations: [one] }))[Symbol.asyncDispose]()
    await assert.rejects(openEmbeddedState({ dir, migrations: [] }), /shaped by migration "one"/)
    const other = { id: 'other', statements: [] }
    await assert.rejects(openEmbeddedState({ dir, migrations: [other] }), /has "other"/)
    await (await openEmbeddedState({ dir, migrations: [one, other] }))[Symbol.asyncDispose]()
  })
})

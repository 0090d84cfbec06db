import assert from 'node:assert/strict'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { ConstraintBroken } from './constraint-broken.ts'
import { contractMigrations } from './contract-migrations.ts'
import { openPostgresState } from './postgres-state.ts'
import type { PostgresStateOptions } from './postgres-state.ts'
import { startPostgres } from './postgres.fixture.ts'
import type { TestPostgres } from './postgres.fixture.ts'
import { openNetwork } from './postgres/network.fixture.ts'
import { StatementFailed } from './statement-failed.ts'
import { StateUnavailable } from './state-unavailable.ts'
import type { StateStore } from './state-store.ts'

const idsOf = { sql: 'SELECT id FROM seen ORDER BY id' }
const insert = (id: string) => ({
  sql: 'INSERT INTO seen (id, n) VALUES ($1, 1)',
  params: [id],
})
const impatient = { deadlines: { connectMs: 500, statementMs: 300, answerMs: 600 } }

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

describe('a PostgreSQL that fails', () => {
  let url: string
  let stores: StateStore[]
  const open = async (options: Partial<PostgresStateOptions> = {}) => {
    const store = await openPostgresState({ url, migrations: contractMigrations, ...options })
    stores.push(store)
    return store
  }
  beforeEach(async () => {
    url = await postgres.createDatabase()
    stores = []
  })
  afterEach(() => Promise.all(stores.map((store) => store[Symbol.asyncDispose]())))

  // prettier-ignore
  const ends = [
    { says: 'a restart',       again: (server: TestPostgres) => server.restart() },
    { says: 'a kill with -9',  again: (server: TestPostgres) => server.kill9().then(server.restart) },
  ]
  test.each(ends)('$says under reads, writes and works: all goes on', async ({ again }) => {
    const all = [await open(), await open(), await open()]
    const acknowledged: string[] = []
    let isOn = true
    let inside = 0
    let worked = 0
    const orAway = async (doing: () => Promise<unknown>) => {
      try {
        await doing()
      } catch (error) {
        assert(error instanceof StateUnavailable, String(error))
        await nextMoment()
      }
    }
    const loops = all.flatMap((store, n) => [
      async (round: number) => {
        const id = `${n}-${round}`
        await store.write([insert(id), insert(`${id}-twin`)])
        acknowledged.push(id)
      },
      () => store.read(idsOf),
      () =>
        store.exclusively(['one', `other${n}`], async (held) => {
          if (!held.aborted) assert.equal(++inside, 1)
          await nextMoment()
          // Once the hold is lost another one may be in already: what was said is that we are told.
          inside = 0
          worked++
        }),
    ])
    const running = loops.map(async (loop) => {
      for (let round = 0; isOn; round++) await orAway(() => loop(round))
    })
    await until(() => acknowledged.length > 20 && worked > 20)
    await again(postgres)
    const [writesThen, worksThen] = [acknowledged.length, worked]
    await until(() => acknowledged.length > writesThen + 20 && worked > worksThen + 20)
    isOn = false
    await Promise.all(running)

    const kept = new Set((await all[0]?.read(idsOf))?.map(({ id }) => id))
    const absent = acknowledged.filter((id) => !kept.has(id) || !kept.has(`${id}-twin`))
    assert.deepEqual(absent, [])
    const alone = [...kept].filter((id) => !String(id).endsWith('-twin') && !kept.has(`${id}-twin`))
    assert.deepEqual(alone, [])
  })

  test('a write whose answer was lost is "not known": it may be there', async () => {
    const direct = await open()
    const network = await openNetwork(url)
    const store = await open({ url: network.url })
    await store.read(idsOf)
    network.cutNextAnswer()
    await assert.rejects(store.write([insert('a'), insert('b')]), (error: unknown) => {
      assert(error instanceof StateUnavailable)
      assert.equal(error.retry, 'later')
      return true
    })
    await until(async () => (await direct.read(idsOf)).length === 2)
    await assert.rejects(store.write([insert('b')]), ConstraintBroken)
    await store[Symbol.asyncDispose]()
    await network.close()
  })

  test('a server that does not answer is away, not waited for; later it is asked again', async () => {
    const network = await openNetwork(url)
    const store = await open({ url: network.url, ...impatient })
    await store.write([insert('a')])
    network.freeze()
    const asked = [store.read(idsOf), store.write([insert('b')]), store.write([insert('c')])]
    for (const one of await Promise.allSettled(asked)) {
      assert(one.status === 'rejected' && one.reason instanceof StateUnavailable)
      assert.match(one.reason.message, /gave no answer/)
    }
    network.mend()
    await store.write([insert('d')])
    network.freeze()
    await store[Symbol.asyncDispose]()
    await network.close()
  })

  test('a statement that takes too long is given up, and its connection is none the worse', async () => {
    const store = await open(impatient)
    await assert.rejects(store.read({ sql: 'SELECT pg_sleep(60)' }), StateUnavailable)
    assert.deepEqual(await store.read(idsOf), [])
  })

  test('connections that nobody uses may be cut: the next statement makes new ones', async () => {
    const told: unknown[] = []
    const store = await open({ signals: { stateAway: (error) => told.push(error) } })
    await Promise.all(Array.from({ length: 8 }, (_, n) => store.write([insert(`a${n}`)])))
    const other = await open()
    await other.read({
      sql: `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    })
    await until(() => told.length > 0)
    await until(async () => (await store.read(idsOf).catch(() => [])).length === 8)
  })

  test('two writes that block each other are tried again until both are through', async () => {
    const [one, other] = [await open(), await open()]
    await one.write([insert('a'), insert('b')])
    const add = (id: string) => ({ sql: 'UPDATE seen SET n = n + 1 WHERE id = $1', params: [id] })
    const sleep = { sql: 'SELECT pg_sleep(0.2)' }
    await Promise.all([
      one.write([add('a'), sleep, add('b')]),
      other.write([add('b'), sleep, add('a')]),
    ])
    assert.deepEqual(await one.read({ sql: 'SELECT n FROM seen' }), [{ n: 3 }, { n: 3 }])
  })

  test('no error quotes a value that was given', async () => {
    const store = await open()
    await store.write([insert('hunter2')])
    const wrong = [
      store.write([insert('hunter2')]),
      store.read({ sql: 'SELECT CAST($1 AS BIGINT) AS n', params: ['hunter2'] }),
      store.read({ sql: 'SELECT id FROM seen WHERE n = $1', params: ['hunter2'] }),
      store.write([{ sql: 'INSERT INTO seen (id) VALUES ($1)', params: ['hunter2'] }]),
      store.write([insert('hunter2\0')]),
    ]
    for (const one of await Promise.allSettled(wrong)) {
      assert(one.status === 'rejected')
      assert(one.reason instanceof StatementFailed || one.reason instanceof ConstraintBroken)
      assert.doesNotMatch(`${one.reason.message} ${String(one.reason.cause)}`, /hunter2/)
    }
  })
})

const nextMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await nextMoment()
}

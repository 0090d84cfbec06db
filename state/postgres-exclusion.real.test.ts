import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { contractMigrations } from './contract-migrations.ts'
import { openPostgresState } from './postgres-state.ts'
import { startPostgres } from './postgres.fixture.ts'
import type { TestPostgres } from './postgres.fixture.ts'
import { makeAdvisoryLocks } from './postgres/advisory-locks.ts'
import { makeExclusively } from './postgres/exclusively.ts'
import { openLockSession } from './postgres/lock-session.ts'
import { toConnectionConfig } from './postgres/connection-config.ts'
import { openNetwork } from './postgres/network.fixture.ts'
import { toLockId } from './postgres/lock-id.ts'
import { StateUnavailable } from './state-unavailable.ts'
import type { StateStore } from './state-store.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const locksOf = {
  sql: `SELECT COUNT(*) AS held FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
}

describe('exclusion over processes', () => {
  let url: string
  let stores: StateStore[]
  let children: ChildProcess[]
  const open = async () => {
    const store = await openPostgresState({ url, migrations: contractMigrations })
    stores.push(store)
    return store
  }
  const heldBy = async (...keys: string[]) => {
    const holder = fork(
      new URL('./postgres/hold-keys.fixture.ts', import.meta.url),
      [url, ...keys],
      {
        execArgv: [],
      },
    )
    children.push(holder)
    await once(holder, 'message')
    return holder
  }
  const untilFree = async (store: StateStore) => {
    while ((await store.read(locksOf))[0]?.['held'] !== 0) await nextMoment()
  }

  beforeEach(async () => {
    url = await postgres.createDatabase()
    stores = []
    children = []
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
  })

  test('fifty callers in three stores count one counter, and nothing stays locked', async () => {
    const [first, ...others] = [await open(), await open(), await open()] as const
    await first.write([{ sql: `INSERT INTO seen (id, n) VALUES ('counter', 0)` }])
    const addOne = async (store: StateStore) => {
      const [row] = await store.read({ sql: 'SELECT n FROM seen' })
      await store.write([{ sql: 'UPDATE seen SET n = $1', params: [Number(row?.['n']) + 1] }])
    }
    const all = [first, ...others]
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        const store = all[n % 3] ?? first
        const keys = n % 2 === 0 ? ['counter', `x${n}`] : [`y${n % 5}`, 'counter']
        return store.exclusively(keys, () => addOne(store))
      }),
    )
    assert.equal((await first.read({ sql: 'SELECT n FROM seen' }))[0]?.['n'], 50)
    await untilFree(first)
  })

  test('stores that want overlapping keys in every order all get their turn', async () => {
    const first = await open()
    const all = [first, await open(), await open()]
    const keys = ['a', 'b', 'c', 'd']
    const holders = new Map<string, number>()
    const works = Array.from({ length: 60 }, (_, n) => {
      const mine = keys.filter((_, index) => (n >> index) % 2 === 0)
      const store = all[n % 3] ?? first
      return store.exclusively(mine, async () => {
        for (const key of mine) {
          assert.equal(holders.get(key), undefined)
          holders.set(key, n)
        }
        await nextMoment()
        for (const key of mine) holders.delete(key)
      })
    })
    await Promise.all(works)
  })

  test('a holder that is killed with -9 frees its keys', async () => {
    const holder = await heldBy('a', 'b')
    const store = await open()
    const waiting = store.exclusively(['b', 'c'], () => Promise.resolve('mine'))
    const isFirst = await Promise.race([waiting, manyMoments().then(() => 'still held')])
    assert.equal(isFirst, 'still held')
    holder.kill('SIGKILL')
    assert.equal(await waiting, 'mine')
    assert.equal(await store.exclusively(['a'], () => Promise.resolve('too')), 'too')
  })

  test('a holder that stands still keeps its keys, and others are not held up', async () => {
    const holder = await heldBy('a')
    const store = await open()
    holder.kill('SIGSTOP')
    let isIn = false
    const waiting = store.exclusively(['a'], () => Promise.resolve((isIn = true)))
    await manyMoments()
    assert.equal(await store.exclusively(['b'], () => Promise.resolve('other')), 'other')
    assert.equal(isIn, false)
    holder.kill('SIGKILL')
    assert.equal(await waiting, true)
  })

  test('who loses the connection of the locks is told, and who waits gets the next one', async () => {
    const store = await open()
    const reasons: unknown[] = []
    let begun = () => {}
    const isHeld = new Promise<void>((resolve) => (begun = resolve))
    const work = store.exclusively(['a'], async (held) => {
      const isLost = once(held, 'abort')
      begun()
      await isLost
      reasons.push(held.reason)
      // The next one on this key waits for this work to end, lost or not.
      await manyMoments()
      reasons.push('ended')
    })
    await isHeld
    const next = store.exclusively(['a'], (held) => {
      assert.equal(held.aborted, false)
      return Promise.resolve(reasons.at(-1))
    })
    await store.read({
      sql: `SELECT pg_terminate_backend(pid) AS ended FROM pg_locks WHERE locktype = 'advisory' AND
            database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    })
    await work
    assert(reasons[0] instanceof StateUnavailable)
    assert.match(reasons[0].message, /somebody else may hold them/)
    assert.equal(await next, 'ended')
    await untilFree(store)
  })

  test('closing refuses who waits, in this process or for another, and waits for the work in hand', async () => {
    await heldBy('elsewhere')
    const store = await open()
    let finish = () => {}
    let begun = () => {}
    const isHeld = new Promise<void>((resolve) => (begun = resolve))
    const working = store.exclusively(['a'], async () => {
      begun()
      await new Promise<void>((resolve) => (finish = resolve))
      await store.write([{ sql: `INSERT INTO seen (id, n) VALUES ('last', 1)` }])
      return 'worked'
    })
    await isHeld
    const neverIn = () => assert.fail('it was let in')
    const refused = [
      store.exclusively(['a'], neverIn),
      store.exclusively(['elsewhere'], neverIn),
    ].map((waiting) => assert.rejects(waiting, /The state is closed/))
    await manyMoments()
    const closing = store[Symbol.asyncDispose]()
    await Promise.all(refused)
    finish()
    assert.equal(await working, 'worked')
    await closing
    await assert.rejects(store.exclusively([], neverIn), /closed/)
    const [row] = await (await open()).read({ sql: 'SELECT id FROM seen' })
    assert.equal(row?.['id'], 'last')
  })

  test('locks count as lost when their connection is silent, before the server gives them away', async () => {
    const network = await openNetwork(url)
    const config = toConnectionConfig(network.url)
    const session = await openLockSession(config, { beatMs: 20, answerMs: 2_000 })
    assert.deepEqual(await session.exchange([{ id: '7', isTake: true }]), [true])
    const store = await open()
    network.freeze()
    await once(session.lost, 'abort')
    assert.equal((await store.read(locksOf))[0]?.['held'], 1)
    await assert.rejects(session.exchange([]))
    await network.close()
    await untilFree(store)
  })

  test('keys of one lock number exclude each other within a process too', async () => {
    const openSession = () => openLockSession(toConnectionConfig(url))
    const locks = makeAdvisoryLocks({ openSession, away: () => undefined })
    const { exclusively, close } = makeExclusively({ locks, toLockId: () => '7' })
    let inside = 0
    const enter = async () => {
      assert.equal(++inside, 1)
      await nextMoment()
      inside--
    }
    await Promise.all(['a', 'b', 'c'].map((key) => exclusively([key, `${key}${key}`], enter)))
    await close()
    await untilFree(await open())
  })
})

test('the number of a key is a BIGINT, and another one for another key', () => {
  const ids = Array.from({ length: 1_000 }, (_, n) => BigInt(toLockId(`pair:organisation:${n}`)))
  assert.equal(new Set(ids).size, 1_000)
  assert(ids.every((id) => BigInt.asIntN(64, id) === id))
  assert(ids.some((id) => id < 0n))
})

const nextMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

/** Long enough for many asks of one who waits (every 50 ms at most). */
async function manyMoments(): Promise<void> {
  const until = performance.now() + 300
  while (performance.now() < until) await nextMoment()
}

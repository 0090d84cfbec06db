import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { ConstraintBroken } from './constraint-broken.ts'
import { StatementFailed } from './statement-failed.ts'
import type { StateStore } from './state-store.ts'

export type StateUnderTest = {
  readonly store: StateStore
  /** Closes the store and opens what it kept. */
  readonly reopen: () => Promise<StateStore>
  readonly close: () => Promise<void>
}

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by `contractMigrations`. */
  readonly open: () => Promise<StateUnderTest>
}

const insert = (id: string, n: number | bigint | null = 1, note: string | null = null) => ({
  sql: 'INSERT INTO things (id, n, note) VALUES ($1, $2, $3)',
  params: [id, n, note],
})
const all = { sql: 'SELECT id, n, note FROM things ORDER BY id' }

export function stateStoreContract({ name, open }: Contract): void {
  describe(`${name} keeps the promises of a state store`, () => {
    let state: StateUnderTest
    let store: StateStore
    const ids = async () => (await store.read(all)).map(({ id }) => id)

    beforeEach(async () => {
      state = await open()
      store = state.store
    })
    afterEach(() => state.close())

    test('what was written is read, also after it was opened again', async () => {
      await store.write([insert('a', 7, 'ünïcödé 🚀 "quoted" \' $1')])
      const expected = [{ id: 'a', n: 7, note: 'ünïcödé 🚀 "quoted" \' $1' }]
      assert.deepEqual(await store.read(all), expected)
      store = await state.reopen()
      assert.deepEqual(await store.read(all), expected)
    })

    test('a read sees every write that has resolved', async () => {
      for (let n = 0; n < 50; n++) {
        await store.write([insert(`a${n}`)])
        assert.equal((await store.read(all)).length, n + 1)
      }
    })

    test('parameters may come in any order and more than once', async () => {
      const sql = 'SELECT $2 AS second, $1 AS first, $2 AS again'
      const params = ['one', 'two']
      assert.deepEqual(await store.read({ sql, params }), [
        { second: 'two', first: 'one', again: 'two' },
      ])
    })

    test('whole numbers stay whole, also in text, and come back as numbers where that is safe', async () => {
      const huge = 9_007_199_254_740_993n
      await store.write([
        insert('a', huge),
        insert('b', Number.MAX_SAFE_INTEGER),
        insert('c', null),
      ])
      const numbers = (await store.read(all)).map(({ n }) => n)
      assert.deepEqual(numbers, [huge, Number.MAX_SAFE_INTEGER, null])
      await store.write([{ sql: 'UPDATE things SET note = CAST($1 AS BIGINT)', params: [5] }])
      assert.deepEqual(
        (await store.read(all)).map(({ note }) => note),
        ['5', '5', '5'],
      )
    })

    test('a write tells how many rows it changed, and what RETURNING asked for', async () => {
      const written = await store.write([
        insert('a'),
        insert('b'),
        { sql: 'UPDATE things SET n = n + $1 RETURNING id, n', params: [1] },
        { sql: 'SELECT id FROM things WHERE id = $1', params: ['a'] },
        { sql: 'INSERT INTO things (id) VALUES ($1) ON CONFLICT (id) DO NOTHING', params: ['a'] },
        { sql: 'DELETE FROM things' },
      ])
      assert.deepEqual(
        written.map(({ changes }) => changes),
        [1, 1, 2, 0, 0, 2],
      )
      assert.deepEqual(written[2]?.rows, [
        { id: 'a', n: 2 },
        { id: 'b', n: 2 },
      ])
      assert.deepEqual(written[3]?.rows, [{ id: 'a' }])
    })

    test('all statements of a write or none', async () => {
      await store.write([insert('a')])
      await assert.rejects(store.write([insert('b'), insert('a'), insert('c')]), ConstraintBroken)
      assert.deepEqual(await ids(), ['a'])
    })

    test('a write that a unique key forbids fails alone among many, and is never tried again', async () => {
      await store.write([insert('taken')])
      const writes = Array.from({ length: 40 }, (_, n) =>
        store.write([insert(`a${n}`), insert(n % 4 === 0 ? 'taken' : `b${n}`)]),
      )
      const results = await Promise.allSettled(writes)
      for (const [n, result] of results.entries()) {
        assert.equal(result.status, n % 4 === 0 ? 'rejected' : 'fulfilled')
        if (result.status !== 'rejected') continue
        assert(result.reason instanceof ConstraintBroken)
        assert.equal(result.reason.retry, 'never')
      }
      assert.equal((await ids()).length, 1 + 30 * 2)
    })

    test('of many that create the same thing at once, one does', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => store.write([insert('same')])),
      )
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    test('a statement that is wrong fails alone, and is no broken unique key', async () => {
      const good = store.write([insert('a')])
      const wrong = [
        store.write([{ sql: 'INSERT INTO nowhere VALUES (1)' }]),
        store.write([{ sql: 'INSERT INTO seen (id) VALUES ($1)', params: ['a'] }]),
        store.write([{ sql: 'INSERT INTO seen (id, n) VALUES ($1, $2)', params: ['a'] }]),
        store.write([insert('nul', 1, 'a\0b')]),
        store.read({ sql: 'SELECT nothing FROM things' }),
      ]
      for (const { status } of await Promise.allSettled(wrong)) assert.equal(status, 'rejected')
      for (const one of wrong) {
        await one.then(
          () => assert.fail(),
          (error: unknown) => assert(error instanceof StatementFailed),
        )
      }
      await good
      assert.deepEqual(await ids(), ['a'])
    })

    test('a thousand writes at once are all kept, each whole', async () => {
      const count = {
        sql: 'INSERT INTO seen (id, n) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = seen.n + 1',
        params: ['sum'],
      }
      await Promise.all(
        Array.from({ length: 1_000 }, (_, n) => store.write([insert(`a${n}`), count])),
      )
      store = await state.reopen()
      assert.equal((await ids()).length, 1_000)
      assert.deepEqual(await store.read({ sql: 'SELECT n FROM seen' }), [{ n: 1_000 }])
    })

    test('closing lets the writes before it finish, and refuses those after it', async () => {
      const before = Array.from({ length: 100 }, (_, n) => store.write([insert(`a${n}`)]))
      const closed = store
      const reopening = state.reopen()
      await assert.rejects(closed.write([insert('late')]), /closed/)
      assert.equal(
        (await Promise.allSettled(before)).filter(({ status }) => status === 'fulfilled').length,
        100,
      )
      store = await reopening
      assert.equal((await ids()).length, 100)
    })

    test('who holds a key is alone with it: a counter that is read, then written, counts everybody', async () => {
      await store.write([insert('counter', 0)])
      const addOne = async () => {
        const [row] = await store.read(all)
        await store.write([{ sql: 'UPDATE things SET n = $1', params: [Number(row?.['n']) + 1] }])
      }
      await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          store.exclusively(n % 2 === 0 ? ['counter', `x${n}`] : ['z', 'counter', 'z'], addOne),
        ),
      )
      assert.equal((await store.read(all))[0]?.['n'], 60)
    })

    test('callers that want the same keys in opposite order never wait for each other in a circle', async () => {
      const worked = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          store.exclusively(n % 2 === 0 ? ['a', 'b'] : ['b', 'a'], (held) => {
            assert.equal(held.aborted, false)
            return Promise.resolve(n)
          }),
        ),
      )
      assert.equal(worked.length, 40)
    })

    test('who is called off while it waits hears so at once, and nobody waits behind it', async () => {
      let [begin, release] = [() => {}, () => {}]
      const begun = new Promise<void>((resolve) => (begin = resolve))
      const stopping = new AbortController()
      let hasWorked = false
      const first = store.exclusively(['a'], () => {
        begin()
        return new Promise<void>((resolve) => (release = resolve))
      })
      await begun
      const work = () => Promise.resolve((hasWorked = true))
      const calledOff = store.exclusively(['a', 'b'], work, stopping.signal)
      const behind = store.exclusively(['b'], () => Promise.resolve('b'))
      stopping.abort(new Error('stopping'))
      await assert.rejects(calledOff, /stopping/)
      assert.equal(await behind, 'b')
      release()
      await first
      assert.equal(await store.exclusively(['a', 'b'], () => Promise.resolve('next')), 'next')
      await assert.rejects(store.exclusively(['c'], work, stopping.signal), /stopping/)
      assert.equal(hasWorked, false)
    })

    test('work that fails lets go of its keys, and its error reaches who asked', async () => {
      await assert.rejects(
        store.exclusively(['a'], () => Promise.reject(new Error('mine'))),
        /mine/,
      )
      assert.equal(await store.exclusively(['a'], () => Promise.resolve('next')), 'next')
    })
  })
}

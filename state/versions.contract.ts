import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import type { RecordParts } from '../schemas/record-ref.ts'
import type { StateStore } from './state-store.ts'
import { makeVersions, writeHandled, writePublished, type Versions } from './versions.ts'

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by the product's own migrations. */
  readonly open: () => Promise<{ readonly store: StateStore; readonly close: () => Promise<void> }>
}

const account = (id: string): RecordParts => ({ system: 'outreach', type: 'account', id })
const versionOf = (id: string, version: string) => ({ ...account(id), version })

/** Which version of each record was handled, and which published, by every text of SQL in versions.ts. */
export function versionsContract({ name, open }: Contract): void {
  describe(`${name} remembers versions`, () => {
    let store: StateStore
    let versions: Versions
    let close: () => Promise<void>
    const read = (...ids: readonly string[]) => versions.read('outreach', 'account', ids)
    const handle = (id: string, version: string) =>
      store.write(writeHandled([versionOf(id, version)], 1))
    const publish = (id: string, version: string, handlings = 0) =>
      store.write(writePublished([{ ...versionOf(id, version), handlings }], 2))
    beforeEach(async () => {
      ;({ store, close } = await open())
      versions = makeVersions(store)
    })
    afterEach(() => close())

    test('of a record that nobody has met nothing is known', async () => {
      assert.deepEqual(await read('1'), new Map())
      assert.deepEqual(await read(), new Map())
    })

    test('what was handled and what was published are two things', async () => {
      await handle('1', 'a')
      await publish('1', 'b', 1)
      await publish('2', 'c')
      assert.deepEqual(
        await read('1', '2', '3', '1'),
        new Map([
          ['1', { handled: 'a', published: 'b', handlings: 1 }],
          ['2', { handled: null, published: 'c', handlings: 0 }],
        ]),
      )
    })

    test('handling a record takes back what was published: what changes back is found again', async () => {
      await publish('1', 'a')
      await handle('1', 'b')
      assert.deepEqual((await read('1')).get('1'), {
        ...{ handled: 'b', published: null, handlings: 1 },
      })
    })

    test('what was handled since it was compared is not noted as published', async () => {
      await publish('1', 'a', 0)
      await handle('1', 'b')
      await publish('1', 'a', 0)
      assert.equal((await read('1')).get('1')?.published, null)
      // Handled as before: it was read all the same, and may have been changed after that.
      await handle('1', 'b')
      await publish('1', 'a', 1)
      assert.equal((await read('1')).get('1')?.published, null)
      await publish('1', 'a', 2)
      assert.deepEqual((await read('1')).get('1'), {
        ...{ handled: 'b', published: 'a', handlings: 2 },
      })
    })

    test('what was published so long ago that the log may have lost it counts no more', async () => {
      await handle('1', 'a')
      await publish('1', 'b', 1)
      const readAt = async (now: number) => {
        const lapsing = makeVersions(store, { afterMs: 10, now: () => now })
        return (await lapsing.read('outreach', 'account', ['1'])).get('1')
      }
      assert.deepEqual(await readAt(12), { handled: 'a', published: 'b', handlings: 1 })
      assert.deepEqual(await readAt(13), { handled: 'a', published: null, handlings: 1 })
    })

    test('a record of another system or type is another record', async () => {
      await store.write(
        writeHandled(
          [
            { ...versionOf('1', 'a'), type: 'prospect' },
            { system: 'workbooks', type: 'account', id: '1', version: 'b' },
          ],
          1,
        ),
      )
      assert.deepEqual(await read('1'), new Map())
      const [prospects, ours] = await Promise.all([
        versions.read('outreach', 'prospect', ['1']),
        versions.read('workbooks', 'account', ['1']),
      ])
      assert.deepEqual([prospects.get('1')?.handled, ours.get('1')?.handled], ['a', 'b'])
    })

    test('thousands in one write; of two about one record the last stands', async () => {
      const ids = Array.from({ length: 2_500 }, (_, index) => String(index))
      const list = ids.map((id) => versionOf(id, `v${id}`))
      const handled = [...list, versionOf('7', 'new')].map((one) => ({ ...one, handlings: 1 }))
      await store.write([
        ...writeHandled([versionOf('7', 'old'), ...list], 1),
        ...writePublished(handled, 1),
      ])
      const known = await read(...ids)
      assert.equal(known.size, ids.length)
      assert.deepEqual(known.get('7'), { handled: 'v7', published: 'new', handlings: 1 })
      assert.deepEqual(known.get('2499'), {
        ...{ handled: 'v2499', published: 'v2499', handlings: 1 },
      })
    })

    test('many writers of the same records at once, each in another order: none fails', async () => {
      const ids = Array.from({ length: 50 }, (_, index) => String(index))
      const orders = [ids, ids.toReversed()]
      const writes = Array.from({ length: 20 }, (_, n) => {
        const list = (orders[n % 2] ?? []).map((id) => ({ ...versionOf(id, `${n}`), handlings: 0 }))
        return store.write(n % 3 === 0 ? writePublished(list, n) : writeHandled(list, n))
      })
      await Promise.all(writes)
      const known = [...(await read(...ids)).values()]
      // Each write is whole: all records have one and the same version.
      assert.deepEqual(
        [new Set(known.map(({ handled }) => handled)).size, known.length],
        [1, ids.length],
      )
    })
  })
}

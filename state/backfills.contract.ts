import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import {
  claimBackfill,
  firstConnectionOf,
  holdBackfill,
  makeBackfills,
  moveBackfill,
  orderBackfill,
  stopBackfill,
  type Backfill,
  type Backfills,
} from './backfills.ts'
import { ConstraintBroken } from './constraint-broken.ts'
import { readLinkedAfter, writePair, type Pair } from './pairs.ts'
import type { Statement, StateStore } from './state-store.ts'

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by the product's own migrations. */
  readonly open: () => Promise<{ readonly store: StateStore; readonly close: () => Promise<void> }>
}

const order = { id: 'a', kind: 'person', of: 'unlinked', isPlan: false } as const
const ordered: Backfill = {
  ...order,
  state: 'ordered',
  records: null,
  done: 0,
  calls: null,
  seconds: null,
  position: '',
  orderedAt: 1,
  beganAt: null,
}

/** What is asked for page by page, by every text of SQL in backfills.ts; and what a sweep walks through. */
export function backfillsContract({ name, open }: Contract): void {
  describe(`${name} remembers backfills`, () => {
    let store: StateStore
    let backfills: Backfills
    let close: () => Promise<void>
    const changed = async (statement: Statement) => (await store.write([statement]))[0]?.changes
    beforeEach(async () => {
      ;({ store, close } = await open())
      backfills = makeBackfills(store)
    })
    afterEach(() => close())

    test('of a kind one at a time, until it is at its end; plans beside it', async () => {
      assert.equal(await changed(orderBackfill(order, 1)), 1)
      assert.equal(await changed(orderBackfill(order, 2)), 0)
      await assert.rejects(store.write([orderBackfill({ ...order, id: 'b' }, 3)]), ConstraintBroken)
      await changed(orderBackfill({ ...order, id: 'c', kind: 'organisation' }, 4))
      await changed(orderBackfill({ ...order, id: 'd', isPlan: true }, 5))
      assert.deepEqual(
        (await backfills.open()).map(({ id }) => id),
        ['a', 'c', 'd'],
      )
      assert.deepEqual([await changed(stopBackfill('a')), await changed(stopBackfill('a'))], [1, 0])
      assert.equal(await changed(orderBackfill({ ...order, id: 'b' }, 6)), 1)
      assert.deepEqual(
        (await backfills.list(3)).map(({ id, state }) => [id, state]),
        [
          ['b', 'ordered'],
          ['d', 'ordered'],
          ['c', 'ordered'],
        ],
      )
    })

    test('old pairs of a kind are met once for ever', async () => {
      const first = { id: firstConnectionOf('person'), kind: 'person', of: 'linked' } as const
      const order = orderBackfill({ ...first, isPlan: false }, 1)
      const orders = await Promise.all(Array.from({ length: 4 }, () => changed(order)))
      assert.deepEqual(orders.sort(), [0, 0, 0, 1])
      await changed(claimBackfill(first.id, { by: 'me', now: 1, until: 9 }))
      const [row] = await backfills.open()
      assert.ok(row)
      await changed(moveBackfill({ ...row, state: 'done' }, { by: 'me', until: 0 }))
      assert.equal(await changed(order), 0)
      assert.deepEqual(await backfills.open(), [])
      assert.equal((await backfills.byId(first.id))?.state, 'done')
      assert.equal(await backfills.byId('x'), undefined)
    })

    test('whose it is: of many that try at once one has it, until it is not heard of', async () => {
      await changed(orderBackfill(order, 1))
      const claim = (by: string, at: number) =>
        changed(claimBackfill('a', { by, now: at, until: at + 5 }))
      const claims = await Promise.all(Array.from({ length: 8 }, (_, at) => claim(`${at}`, 10)))
      assert.deepEqual(claims.sort(), [0, 0, 0, 0, 0, 0, 0, 1])
      assert.deepEqual(
        [await claim('x', 12), await claim('x', 16), await claim('x', 17)],
        [0, 1, 1],
      )
      assert.equal(await changed(holdBackfill('a', { by: 'y', until: 99 })), 0)
      assert.equal(await changed(holdBackfill('a', { by: 'x', until: 99 })), 1)
    })

    test('how far it came is kept by whoever has it, and by nobody once it was stopped', async () => {
      await changed(orderBackfill(order, 1))
      await changed(claimBackfill('a', { by: 'me', now: 1, until: 9 }))
      assert.deepEqual(await backfills.byId('a'), ordered)
      const moved: Backfill = {
        ...ordered,
        ...{ state: 'running', records: 300, done: 100, calls: 7, seconds: 15 },
        ...{ position: '{"next":"…"}', beganAt: 2 },
      }
      assert.equal(await changed(moveBackfill(moved, { by: 'other', until: 20 })), 0)
      assert.equal(await changed(moveBackfill(moved, { by: 'me', until: 20 })), 1)
      assert.deepEqual(await backfills.byId('a'), moved)
      await changed(stopBackfill('a'))
      assert.equal(await changed(moveBackfill(moved, { by: 'me', until: 30 })), 0)
      assert.equal(await changed(claimBackfill('a', { by: 'me', now: 50, until: 60 })), 0)
      assert.deepEqual(await backfills.byId('a'), { ...moved, state: 'stopped' })
    })

    test('linked pairs, page by page', async () => {
      const one: Pair = {
        ...{ kind: 'person', workbooksId: '', outreachId: '', status: 'linked', closedWhy: null },
        ...{ madeFrom: 'neither', idSeen: true, memory: '{}' },
      }
      const all = ['10', '9', '30', '4'].map((id) => ({ ...one, workbooksId: id, outreachId: id }))
      const closed: Pair = { ...one, workbooksId: '31', outreachId: '7', status: 'closed' }
      await store.write([...all, closed].map((each) => writePair(each, 1)))
      const after = async (id: string) =>
        (await readLinkedAfter(store, { kind: 'person', after: id, limit: 2 })).map(
          ({ workbooksId }) => workbooksId,
        )
      assert.deepEqual(
        [await after(''), await after('30'), await after('9')],
        [['10', '30'], ['4', '9'], []],
      )
    })
  })
}

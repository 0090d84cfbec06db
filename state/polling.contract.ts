import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { makeCursors, writeCursor, type Cursor } from './cursors.ts'
import { beginRound, makePollRounds, removeRequests, writeRequest } from './poll-rounds.ts'
import type { StateStore } from './state-store.ts'

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by the product's own migrations. */
  readonly open: () => Promise<{ readonly store: StateStore; readonly close: () => Promise<void> }>
}

/** Where the poller goes on, by every text of SQL in cursors.ts and poll-rounds.ts. */
export function pollingContract({ name, open }: Contract): void {
  describe(`${name} remembers`, () => {
    let store: StateStore
    let close: () => Promise<void>
    beforeEach(async () => {
      ;({ store, close } = await open())
    })
    afterEach(() => close())

    test('one cursor for each list, as it was written last', async () => {
      const cursor: Cursor = {
        ...{ system: 'outreach', kind: 'organisation', resource: 'account', at: 1 },
        ...{ isSlow: false, position: '{"floor":1}' },
      }
      const other = { ...cursor, resource: 'account?named=false', isSlow: true }
      const rows: Cursor = { ...cursor, system: 'workbooks', resource: 'organisation' }
      await store.write([cursor, other, rows].map(writeCursor))
      const moved = { ...cursor, at: 2, position: '{"floor":2}' }
      await store.write([writeCursor(moved)])
      const cursors = makeCursors(store)
      assert.deepEqual(await cursors.ofSystem('outreach'), [moved, other])
      assert.deepEqual(await cursors.ofSystem('workbooks'), [rows])
    })

    test('which interval of a system it is, and when it began', async () => {
      const rounds = makePollRounds(store)
      assert.equal(await rounds.last('workbooks'), undefined)
      await store.write([beginRound('workbooks', 10)])
      await store.write([beginRound('workbooks', 20), beginRound('outreach', 20)])
      assert.deepEqual(await rounds.last('workbooks'), { round: 2, beganAt: 20 })
      assert.deepEqual(await rounds.last('outreach'), { round: 1, beganAt: 20 })
    })

    test('who asks for an interval, until it was done; what is asked for meanwhile stands', async () => {
      const rounds = makePollRounds(store)
      const first = { id: 'b', system: 'workbooks', kind: '' } as const
      const second = { id: 'a', system: 'outreach', kind: 'person' } as const
      await store.write([writeRequest(first, 1), writeRequest(second, 2), writeRequest(first, 3)])
      assert.deepEqual(await rounds.requests(), [first, second])
      await store.write([removeRequests(['b'])])
      assert.deepEqual(await rounds.requests(), [second])
    })
  })
}

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Parked } from '../../../state/parked.ts'
import type { SqlValue, Statement } from '../../../state/state-store.ts'
import type { Hint, HintEvent } from '../hint.ts'
import { makeParkHints, readParkedHint } from './park-hint.ts'

const ref = 'outreach:account:4101'
const now = 1_000_000
const eventOf = (id: string, action = 'updated'): HintEvent => ({
  ...{ id, action, origin: 'webhook', updatedAt: 0, changedAt: 0, changed: {}, before: {} },
  ...{ links: {}, linksBefore: {} },
})
const hintOf = (...events: readonly HintEvent[]): Hint => ({
  ...{ kind: 'organisation', side: 'outreach', id: '4101', events },
})
const row: Parked = {
  ...{ record: ref, kind: 'organisation', reason: 'It failed.', cause: 'record', attempts: 2 },
  ...{ since: 500_000, due: 1_100_000, revision: 4, hint: JSON.stringify(hintOf(eventOf('a'))) },
}

function open(there?: Parked) {
  const written: Statement[] = []
  const hints = makeParkHints({
    store: {
      read: () => Promise.resolve([]),
      write: (statements) => {
        written.push(...statements)
        return Promise.resolve(statements.map(() => ({ changes: 1, rows: [] })))
      },
      exclusively: (keys, work) => {
        assert.deepEqual(keys, [`parked:${ref}`])
        return work(new AbortController().signal)
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    parked: {
      byRecords: () => Promise.resolve(there === undefined ? [] : [there]),
      count: () => Promise.resolve(0),
    },
    by: 'this process',
    now: () => now,
  })
  const park = (cause: string, events = [eventOf('b')]) =>
    hints.park({ ref, hint: hintOf(...events), from: undefined, cause, reason: '', also: () => [] })
  return {
    hints,
    park,
    params: () => written.flatMap(({ params = [] }): readonly SqlValue[] => params),
  }
}

const idsOf = (hint: string) => readParkedHint({ hint }).events.map(({ id }) => id)

test('a record that fails is parked, and tried again after a second (rulebook 10)', async () => {
  const { row: parked, isNews } = await open().park('record')
  assert.deepEqual([parked.attempts, parked.since, parked.due, isNews], [1, now, now + 1_000, true])
})

test('waits grow, to fifteen minutes at most (rulebook 10)', async () => {
  const dues = []
  for (const attempts of [1, 2, 3, 4, 5, 50]) {
    const { row: parked } = await open({ ...row, attempts }).park('record')
    dues.push((parked.due - now) / 1_000)
  }
  assert.deepEqual(dues, [4, 16, 64, 240, 900, 900])
})

test('failing for the same cause again is no news, for another one it is', async () => {
  assert.equal((await open(row).park('record')).isNews, false)
  assert.equal((await open(row).park('unseen')).isNews, true)
})

test('what joined it meanwhile stays in it (product 5.3)', async () => {
  const { row: parked } = await open(row).park('record')
  assert.deepEqual([idsOf(parked.hint), parked.since, parked.revision], [['a', 'b'], 500_000, 4])
})

// prettier-ignore
const joins = [
  { says: 'a later hint is a reason to try at once',                  cause: 'record', due: now },
  { says: 'also where the record was hidden from us',                 cause: 'unseen', due: now },
  { says: 'not while the set-up is to be mended',                     cause: 'setup', due: 1_100_000 },
  { says: 'nor past the brake on deletes',                            cause: 'delete-brake', due: 1_100_000 },
]

test.each(joins)(
  '"later events of the same record wait behind it" (rulebook 10): $says',
  async (given) => {
    const { hints, params } = open({ ...row, cause: given.cause })
    assert.equal(await hints.join(ref, hintOf(eventOf('b'))), true)
    assert.ok(params().includes(given.due))
    assert.deepEqual(idsOf(String(params().at(-1))), ['a', 'b'])
  },
)

test('a record that is parked no more is not joined', async () => {
  assert.equal(await open().hints.join(ref, hintOf(eventOf('b'))), false)
})

test('of many hints the newest fifty stay, and whatever says more than "updated" (rulebook 11)', async () => {
  const many = Array.from({ length: 60 }, (_, index) => eventOf(`u${index}`))
  const { row: parked } = await open().park('record', [eventOf('gone', 'destroyed'), ...many])
  const ids = idsOf(parked.hint)
  assert.deepEqual([ids.length, ids[0], ids[1], ids.at(-1)], [51, 'gone', 'u10', 'u59'])
})

test('what was handled is taken away, unless more joined it since that revision', async () => {
  const { hints, params } = open(row)
  const { signal } = new AbortController()
  await hints.release(ref, { revision: 4, attempts: 2, cause: 'record', owned: signal })
  assert.deepEqual(params(), [ref, 4, ref, 'this process'])
})

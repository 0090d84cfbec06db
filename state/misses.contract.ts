import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { hourMs } from './calls.ts'
import {
  makeMisses,
  removeMissesBefore,
  writeAnnouncements,
  writeFinds,
  writeVerdict,
  type Announcement,
  type Find,
  type Misses,
} from './misses.ts'
import type { StateStore } from './state-store.ts'

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by the product's own migrations. */
  readonly open: () => Promise<{ readonly store: StateStore; readonly close: () => Promise<void> }>
}

const noon = 1_790_000_000_000 - (1_790_000_000_000 % hourMs)
const record = 'outreach:account:7'
const announcement: Announcement = {
  id: 'one',
  resource: 'outreach.account',
  record,
  at: noon / 1_000,
  version: null,
  keptAt: noon + 500,
}
const find: Find = {
  resource: 'outreach.account',
  record,
  version: 'abc',
  changedAt: noon / 1_000 + 60,
  foundAt: noon + 90_000,
}
const missed = { isMissed: true, delayMs: 30_000.4 }

/** What senders announced and a poller found, by every text of SQL in misses.ts. */
export function missesContract({ name, open }: Contract): void {
  describe(`${name} remembers misses`, () => {
    let store: StateStore
    let misses: Misses
    let close: () => Promise<void>
    const announce = async (...list: readonly Announcement[]) =>
      (await store.write(writeAnnouncements(list))).flatMap(({ rows }) => rows)
    const judge = async (one: Find, verdict = missed, at = noon + 150_000) =>
      (await store.write([writeVerdict(one, verdict, at)]))[0]?.changes
    beforeEach(async () => {
      ;({ store, close } = await open())
      misses = makeMisses(store)
    })
    afterEach(() => close())

    test('of nothing there is nothing', async () => {
      assert.deepEqual(await misses.byHour(0), [])
      assert.deepEqual(await misses.undecided(noon, 5), [])
      assert.deepEqual(await misses.announced([], 0), new Map())
      assert.deepEqual([writeAnnouncements([]), writeFinds([])], [[], []])
    })

    test('an event that came twice is announced once, in one write or in two', async () => {
      assert.deepEqual(await announce(announcement, announcement), [
        { resource: 'outreach.account' },
      ])
      assert.deepEqual(await announce({ ...announcement, keptAt: noon + hourMs }), [])
      assert.deepEqual(
        (await misses.byHour(0)).map(({ announced, hour }) => [announced, hour]),
        [[1, noon / hourMs]],
      )
    })

    test('what was announced of each record from a moment on, by resource', async () => {
      const later = { ...announcement, id: 'two', at: announcement.at + 5, version: 3 }
      const part = { ...later, id: 'three', resource: 'outreach.prospect', version: 9 }
      const newest = { ...later, id: 'four', at: later.at + 1, version: null }
      await announce(later, announcement, part, newest, { ...later, id: 'five', record: 'other' })
      const told = await misses.announced([record, 'nobody'], later.at)
      assert.deepEqual([...told.keys()].sort(), [
        `outreach.account ${record}`,
        `outreach.prospect ${record}`,
      ])
      assert.deepEqual(
        told.get(`outreach.account ${record}`)?.toSorted((one, two) => one.at - two.at),
        [
          { at: later.at, version: 3 },
          { at: newest.at, version: null },
        ],
      )
      assert.deepEqual(told.get(`outreach.prospect ${record}`), [{ at: later.at, version: 9 }])
    })

    test('a find waits for its verdict, which is given once', async () => {
      const again = { ...find, foundAt: find.foundAt + 1_000 }
      const other = { ...find, version: 'def', foundAt: find.foundAt - 1 }
      await store.write([...writeFinds([find, other]), ...writeFinds([again])])
      assert.deepEqual(await misses.undecided(find.foundAt, 5), [other, find])
      assert.deepEqual(await misses.undecided(find.foundAt, 1), [other])
      assert.deepEqual(await misses.undecided(find.foundAt - 2, 5), [])
      assert.equal(await judge(find), 1)
      assert.equal(await judge(find, { isMissed: false, delayMs: 0 }), 0)
      assert.deepEqual(await misses.undecided(find.foundAt, 5), [other])
    })

    test('by resource and hour: announced, missed, and the longest delay', async () => {
      const next = { ...find, version: 'def', foundAt: find.foundAt + hourMs }
      const told = { ...find, version: 'told' }
      await announce(announcement, { ...announcement, id: 'two', keptAt: noon - 1 })
      await store.write(writeFinds([find, next, told]))
      await judge(find)
      await judge({ ...find, version: 'never found' })
      await judge(next, { isMissed: true, delayMs: 7 })
      await judge(told, { isMissed: false, delayMs: 99_000 })
      const at = (hour: number) => ({ resource: 'outreach.account', hour: noon / hourMs + hour })
      assert.deepEqual(await misses.byHour(0), [
        { ...at(-1), announced: 1, found: 0, longestDelayMs: 0 },
        { ...at(0), announced: 1, found: 1, longestDelayMs: 30_000 },
        { ...at(1), announced: 0, found: 1, longestDelayMs: 7 },
      ])
      assert.deepEqual(await misses.byHour(find.foundAt + 1), [
        { ...at(1), announced: 0, found: 1, longestDelayMs: 7 },
      ])
    })

    test('what is announced only after it was judged as missed is no second change', async () => {
      await store.write(writeFinds([find]))
      await judge(find)
      const late = { ...announcement, at: find.changedAt, keptAt: noon + 200_000 }
      await announce(late, { ...late, id: 'newer', at: find.changedAt + 1 })
      assert.deepEqual(
        (await misses.byHour(0)).map(({ announced, found }) => [announced, found]),
        [[1, 1]],
      )
    })

    test('what is old is forgotten', async () => {
      await announce(announcement, { ...announcement, id: 'young', keptAt: noon + 600 })
      await store.write(writeFinds([find, { ...find, version: 'young', foundAt: noon + 100_000 }]))
      await store.write(removeMissesBefore(noon + 600))
      assert.equal((await misses.byHour(0))[0]?.announced, 1)
      await store.write(removeMissesBefore(noon + 95_000))
      assert.deepEqual(
        (await misses.undecided(noon * 2, 5)).map(({ version }) => version),
        ['young'],
      )
    })

    test('more than one statement takes', async () => {
      const many = Array.from({ length: 2_500 }, (_, index) => ({
        ...announcement,
        id: String(index),
        version: index % 2 === 0 ? null : index,
      }))
      assert.equal((await announce(...many)).length, many.length)
      const told = await misses.announced([record], 0)
      assert.equal(told.get(`outreach.account ${record}`)?.length, many.length)
    })
  })
}

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { countTold, writeOutcome } from './outcomes.ts'
import {
  claimWake,
  countWakes,
  makeRelations,
  moveWake,
  removeRelations,
  removeWake,
  writeRelations,
  writeWake,
  writeWakeIfMissed,
  type Relations,
} from './relations.ts'
import type { StateStore, Statement } from './state-store.ts'

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by the product's own migrations. */
  readonly open: () => Promise<{ readonly store: StateStore; readonly close: () => Promise<void> }>
}

const acme = { workbooks: 'workbooks:organisation:226', outreach: 'outreach:account:4101' }
const wake = { ...acme, cursor: '', since: 1 }
const named = (parent: string, field = 'employer_link') => ({ field, parent })

/** Who waits for whom, and who has been linked since, by every text of SQL in relations.ts. */
export function relationsContract({ name, open }: Contract): void {
  describe(`${name} remembers`, () => {
    let store: StateStore
    let relations: Relations
    let close: () => Promise<void>
    const write = (...statements: readonly Statement[]) => store.write(statements)
    beforeEach(async () => {
      ;({ store, close } = await open())
      relations = makeRelations(store)
    })
    afterEach(() => close())

    test('children that name one side of a pair and not the other, page by page; those that name both are right', async () => {
      await write(
        ...writeRelations('workbooks:person:1', [named(acme.workbooks)]),
        ...writeRelations('workbooks:person:2', [named(acme.workbooks), named(acme.outreach)]),
        ...writeRelations('workbooks:person:3', [named(acme.outreach), named(acme.outreach)]),
        ...writeRelations('workbooks:person:4', [named('workbooks:organisation:9')]),
        ...writeRelations('workbooks:person:5', [
          ...[named(acme.workbooks), named('outreach:account:9')],
          named(acme.workbooks, 'former_employer_link'),
        ]),
      )
      const first = await relations.childrenApart(wake, 2)
      assert.deepEqual(first, ['workbooks:person:1', 'workbooks:person:3'])
      const rest = await relations.childrenApart({ ...wake, cursor: 'workbooks:person:3' }, 2)
      assert.deepEqual(rest, ['workbooks:person:5'])
    })

    test('a parent is still to be followed until its wake is removed, also while somebody works on it', async () => {
      assert.equal(await countWakes(store), 0)
      await write(writeWake(acme, 1), claimWake(wake, { now: 2, until: 10_000 }))
      assert.equal(await countWakes(store), 1)
      await write(removeWake(wake))
      assert.equal(await countWakes(store), 0)
    })

    test('who names a parent unasked does not count as naming it, and is woken with it', async () => {
      const child = 'workbooks:person:1'
      await write(...writeRelations(child, [named(acme.outreach, 'employer_link:unasked')]))
      assert.equal(await relations.isNamed(acme.outreach), false)
      assert.deepEqual(await relations.childrenApart(wake, 2), [child])
      await write(...writeRelations('workbooks:person:2', [named(acme.outreach)]))
      assert.equal(await relations.isNamed(acme.outreach), true)
    })

    test('a parent that takes part again wakes who waited for that, and nobody else', async () => {
      const missed = named(acme.workbooks, 'contacts[226]:absent')
      await write(...writeRelations('workbooks:person:1', [named(acme.workbooks)]))
      await write(writeWakeIfMissed(acme, 5))
      assert.deepEqual(await relations.idleWakes(9), [])
      const both = [named(acme.workbooks, 'contacts[226]'), named(acme.outreach, 'contacts[226]')]
      await write(...writeRelations('workbooks:opportunity:2', [...both, missed]))
      await write(writeWakeIfMissed(acme, 6))
      const [woken] = await relations.idleWakes(9)
      assert.deepEqual(woken, { ...acme, cursor: '', since: 6 })
      await write(writeWakeIfMissed(acme, 7))
      assert.deepEqual(
        (await relations.idleWakes(9)).map(({ since }) => since),
        [7],
      )
      assert.ok((await relations.childrenApart(wake, 9)).includes('workbooks:opportunity:2'))
    })

    test('whom a child names, until it names others', async () => {
      await write(...writeRelations('workbooks:person:5', [named('outreach:account:9')]))
      assert.equal(await relations.isNamed('outreach:account:9'), true)
      await write(...writeRelations('workbooks:person:5', [named(acme.outreach)]))
      assert.deepEqual(
        [await relations.isNamed('outreach:account:9'), await relations.isNamed(acme.outreach)],
        [false, true],
      )
      await write(removeRelations('workbooks:person:5'))
      assert.equal(await relations.isNamed(acme.outreach), false)
    })

    test('whose a wake is: of many that try at once one has it, until it gives up or is not heard of', async () => {
      await write(writeWake(acme, 1))
      assert.deepEqual(await relations.idleWakes(10), [wake])
      const claim = async (at: number) => {
        const [claimed] = await write(claimWake(wake, { now: at, until: at + 5 }))
        return claimed?.changes
      }
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(10)))
      assert.deepEqual(claims.sort(), [0, 0, 0, 0, 0, 0, 0, 1])
      assert.deepEqual([await claim(12), await claim(16)], [0, 1])
      assert.deepEqual(await relations.idleWakes(20), [])
      await write(moveWake(wake, { cursor: 'workbooks:person:1', until: 0 }))
      assert.deepEqual(await relations.idleWakes(20), [{ ...wake, cursor: 'workbooks:person:1' }])
    })

    test('a pair that is linked anew: its wake begins afresh, and whoever was at it has it no more', async () => {
      await write(writeWake(acme, 1), moveWake(wake, { cursor: 'workbooks:person:1', until: 90 }))
      await write(writeWake(acme, 2))
      const [moved] = await write(moveWake(wake, { cursor: 'workbooks:person:7', until: 90 }))
      const [removed] = await write(removeWake(wake))
      assert.deepEqual([moved?.changes, removed?.changes], [0, 0])
      assert.deepEqual(await relations.idleWakes(20), [{ ...wake, since: 2 }])
      await write(removeWake({ ...wake, since: 2 }))
      assert.deepEqual(await relations.idleWakes(20), [])
    })

    test('how many of some records were told of since then, each once', async () => {
      const told = (id: string, at: number, records: readonly string[]) =>
        writeOutcome({ id, at, record: records[0] ?? '', records, body: '{}' })
      const records = [1, 2, 3].map((id) => `workbooks:person:${id}`)
      await write(
        ...told('a', 4, records),
        ...told('b', 5, [...records.slice(0, 1), acme.workbooks]),
      )
      await write(...told('c', 6, records.slice(0, 2)))
      const counted = [4, 5, 7].map((since) => countTold(store, { records, since }))
      assert.deepEqual(await Promise.all(counted), [3, 2, 0])
    })
  })
}

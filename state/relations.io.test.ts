import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from './embedded-state.ts'
import {
  claimWake,
  makeRelations,
  moveWake,
  removeRelations,
  removeWake,
  writeRelations,
  writeWake,
} from './relations.ts'
import { migrations } from './schema.ts'

const acme = { workbooks: 'workbooks:organisation:226', outreach: 'outreach:account:4101' }
const named = (parent: string) => ({ field: 'employer_link', parent })

async function openStore() {
  const dir = await mkdtemp(join(tmpdir(), 'relations-'))
  const store = await openEmbeddedState({ dir, migrations })
  const close = async () => {
    await store[Symbol.asyncDispose]()
    await rm(dir, { recursive: true, force: true })
  }
  return { store, relations: makeRelations(store), [Symbol.asyncDispose]: close }
}

test('children that name one side of a pair and not the other are found page by page; those that name both are right', async () => {
  await using opened = await openStore()
  const { store, relations } = opened
  await store.write([
    ...writeRelations('workbooks:person:1', [named(acme.workbooks)]),
    ...writeRelations('workbooks:person:2', [named(acme.workbooks), named(acme.outreach)]),
    ...writeRelations('workbooks:person:3', [named(acme.outreach)]),
    ...writeRelations('workbooks:person:4', [named('workbooks:organisation:9')]),
    ...writeRelations('workbooks:person:5', [named(acme.workbooks), named('outreach:account:9')]),
  ])
  const wake = { ...acme, cursor: '', since: 1 }
  const first = await relations.childrenApart(wake, 2)
  assert.deepEqual(first, ['workbooks:person:1', 'workbooks:person:3'])
  const rest = await relations.childrenApart({ ...wake, cursor: 'workbooks:person:3' }, 2)
  assert.deepEqual(rest, ['workbooks:person:5'])
  assert.equal(await relations.isNamed('outreach:account:9'), true)
  await store.write([removeRelations('workbooks:person:5')])
  assert.equal(await relations.isNamed('outreach:account:9'), false)
})

test("a wake is one worker's until it is given up, and begins afresh where the pair is linked anew", async () => {
  await using opened = await openStore()
  const { store, relations } = opened
  await store.write([writeWake(acme, 1)])
  const [wake] = await relations.idleWakes(10)
  assert.deepEqual(wake, { ...acme, cursor: '', since: 1 })
  const changes = async (at: number) =>
    (
      await store.write([claimWake({ ...acme, cursor: '', since: 1 }, { now: at, until: at + 5 })])
    )[0]?.changes
  assert.deepEqual([await changes(10), await changes(12), await changes(16)], [1, 0, 1])
  assert.deepEqual(await relations.idleWakes(20), [])

  const moved = { cursor: 'workbooks:person:1', until: 0 }
  await store.write([moveWake({ ...acme, cursor: '', since: 1 }, moved)])
  assert.equal((await relations.idleWakes(20))[0]?.cursor, 'workbooks:person:1')
  await store.write([writeWake(acme, 2)])
  await store.write([removeWake({ ...acme, cursor: '', since: 1 })])
  assert.deepEqual(await relations.idleWakes(20), [{ ...acme, cursor: '', since: 2 }])
})

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { fingerprintOf } from '../../schemas/fingerprint.ts'
import { openEmbeddedState } from '../../state/embedded-state.ts'
import { migrations } from '../../state/schema.ts'
import { makeVersions, writeHandled } from '../../state/versions.ts'
import { onlyNewRecords, toFoundRecords } from './find-records.ts'
import { makePublishFound } from './make-publish-found.ts'

const accounts = {
  ...{ type: 'account', attributes: ['name'], links: [], every: 1, oauthOnly: false },
}
const aRecord = (name: string) => ({
  ...{ type: 'account', id: '7', links: {}, readAt: 0 },
  attributes: { name, updatedAt: '2026-03-02T09:15:07Z' },
})

async function openWorld() {
  const dir = await mkdtemp(join(tmpdir(), 'publish-found-'))
  const store = await openEmbeddedState({ dir, migrations })
  const versions = makeVersions(store)
  let appended: () => Promise<unknown> = () => Promise.resolve()
  const publishFound = makePublishFound({
    log: { append: () => appended().then(() => []) },
    store,
    noteFound: () => [],
    now: () => 1,
  })
  const news = (name: string) => onlyNewRecords(versions, accounts, [aRecord(name)])
  return {
    news,
    handle: (name: string) => {
      const version = fingerprintOf(accounts, aRecord(name))
      return store.write(
        writeHandled([{ system: 'outreach', type: 'account', id: '7', version }], 1),
      )
    },
    publish: async (name: string) => {
      const as = { foundAt: 1, traceparent: () => '00-1-2-01' }
      await publishFound(toFoundRecords(accounts, await news(name), as))
    },
    whenAppended: (then: typeof appended) => {
      appended = then
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

test('what is in the log is no news', async () => {
  await using world = await openWorld()
  await world.handle('Old')
  await world.publish('Acme')
  assert.deepEqual(await world.news('Acme'), [])
  assert.equal((await world.news('Other')).length, 1)
})

test('one that was handled before it was noted as published is found when it changes back', async () => {
  await using world = await openWorld()
  await world.handle('Acme Ltd')
  // The page was read before the edit to `Acme Ltd`; the consumers are as quick as the append's answer.
  world.whenAppended(() => world.handle('Acme Ltd'))
  await world.publish('Acme')
  assert.equal((await world.news('Acme')).length, 1)
})

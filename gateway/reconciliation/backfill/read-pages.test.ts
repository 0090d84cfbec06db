import assert from 'node:assert/strict'
import { test } from 'vitest'
import { SetupFault, SystemAway } from '../../../clients/errors.ts'
import type { OutreachQuery } from '../../../clients/outreach/outreach-client.ts'
import type { Polling } from '../../../schemas/polling.ts'
import type { Pair } from '../../../state/pairs.ts'
import { readLinkedPage } from './read-linked-page.ts'
import { countOld, readUnlinkedPage } from './read-unlinked-page.ts'

const polling: Polling = {
  kind: 'organisation',
  workbooks: {
    ...{ type: 'organisation', controller: 'crm/organisations', linkedPassFlags: false },
    columns: {
      ...{ syncToOutreach: 'sync', outreachSyncError: 'error' },
      ...{ outreachDuplicate: null, outreachId: 'outreach_id' },
    },
  },
  outreach: [{ type: 'account', attributes: [], links: [], every: 1, oauthOnly: false }],
  createsFrom: [{}, { named: 'false' }],
}

const call = { lane: 'backfill' } as const
const connectedAt = Date.UTC(2026, 2, 2) / 1_000

const linked = (id: string): Pair => ({
  ...{ kind: 'organisation', workbooksId: id, outreachId: id, status: 'linked', closedWhy: null },
  ...{ madeFrom: 'neither', idSeen: true, memory: '{}' },
})
const pairsOf = (...ids: readonly string[]) => ({
  byRecords: () => Promise.resolve(ids.map(linked)),
})

const account = (id: number, createdAt = '2025-01-01T00:00:00Z') => ({
  ...{ type: 'account', id: String(id), attributes: { createdAt }, links: {}, readAt: 0 },
})

function anOutreach(pages: Readonly<Record<string, { ids: readonly number[]; next?: string }>>) {
  const asked: OutreachQuery[] = []
  const outreach = {
    page: (_: string, query: OutreachQuery) => {
      asked.push(query)
      const { ids = [], next } = pages[query.next ?? `list ${query.filter?.['named'] ?? ''}`] ?? {}
      return Promise.resolve({ records: ids.map((id) => account(id)), next, count: ids.length })
    },
  }
  return { outreach, asked }
}

test('old records: page after page, list after list, without those that have a partner', async () => {
  const { outreach, asked } = anOutreach({
    'list ': { ids: [1, 2], next: 'more' },
    more: { ids: [3] },
    'list false': { ids: [4] },
  })
  const deps = { outreach, pairs: pairsOf('2') }
  const seen: unknown[] = []
  let position: string | undefined = ''
  while (position !== undefined) {
    const page = await readUnlinkedPage(deps, { polling, position, connectedAt, call })
    seen.push(page.wanted)
    position = page.position
  }
  assert.deepEqual(seen, [['outreach:account:1'], ['outreach:account:3'], ['outreach:account:4']])
  assert.deepEqual(asked[0]?.filter, { createdAt: 'neginf..2026-03-01T23:59:59.999Z' })
})

test('what was created since first connection is not old, though a filter were ignored', async () => {
  const since = '2026-03-02T00:00:00Z'
  const outreach = {
    page: () => Promise.resolve({ records: [account(1), account(2, since)], next: undefined }),
  }
  const asked = { polling, position: '', connectedAt, call }
  const page = await readUnlinkedPage({ outreach, pairs: pairsOf() }, asked)
  assert.deepEqual([page.wanted, page.looked], [['outreach:account:1'], 2])
})

const about = { system: 'outreach', status: 400 } as const

test('a cursor that is not taken any more begins its list again; a system that is away does not', async () => {
  const { outreach } = anOutreach({ 'list ': { ids: [1], next: 'more' } })
  const failing = (error: Error) => ({
    page: (type: string, query: OutreachQuery) =>
      query.next === undefined ? outreach.page(type, query) : Promise.reject(error),
  })
  const position = JSON.stringify({ list: 0, next: 'old' })
  const read = (error: Error) => {
    const asked = { polling, position, connectedAt, call }
    return readUnlinkedPage({ outreach: failing(error), pairs: pairsOf() }, asked)
  }
  const page = await read(new SetupFault('no such cursor', { ...about, mend: '' }))
  assert.deepEqual(page.wanted, ['outreach:account:1'])
  assert.equal(page.position, JSON.stringify({ list: 0, next: 'more' }))
  await assert.rejects(read(new SystemAway('429', about)), SystemAway)
})

test('a page that leads back to itself ends its list', async () => {
  const { outreach } = anOutreach({ again: { ids: [1], next: 'again' } })
  const position = JSON.stringify({ list: 1, next: 'again' })
  const asked = { polling, position, connectedAt, call }
  const page = await readUnlinkedPage({ outreach, pairs: pairsOf() }, asked)
  assert.equal(page.position, undefined)
})

test('how many there are, of all lists; null where Outreach does not say', async () => {
  const { outreach, asked } = anOutreach({ 'list ': { ids: [1, 2] }, 'list false': { ids: [3] } })
  assert.equal(await countOld({ outreach }, { polling, connectedAt, call }), 3)
  assert.deepEqual(
    asked.map(({ isCounted, size }) => [isCounted, size]),
    [
      [true, 1],
      [true, 1],
    ],
  )
  const silent = { page: () => Promise.resolve({ records: [], next: undefined }) }
  assert.equal(await countOld({ outreach: silent }, { polling, connectedAt, call }), null)
})

const row = (id: number) => ({
  ...{ controller: 'crm/organisations', id: String(id), lockVersion: 0 },
  ...{ columns: {}, isDeleted: false, readAt: 0 },
})

test('old pairs: a full page says where to go on, those that have met are passed over', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => row(index + 1))
  const workbooks = { page: () => Promise.resolve(rows) }
  const deps = { workbooks, pairs: pairsOf('1', '3') }
  const page = await readLinkedPage(deps, { polling, position: '', call })
  assert.deepEqual(page.wanted.slice(0, 2), [
    'workbooks:organisation:2',
    'workbooks:organisation:4',
  ])
  assert.deepEqual([page.wanted.length, page.looked, page.position], [98, 100, '100'])
  // A filter that is ignored shows the same page for ever.
  const again = await readLinkedPage(deps, { polling, position: '100', call })
  assert.deepEqual([again.wanted, again.position], [[], undefined])
})

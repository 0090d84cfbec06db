import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { WorkbooksQuery, WorkbooksWrite } from '../../../clients/workbooks/workbooks-client.ts'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { makeRecords, spellings } from './make-records.ts'

const kind = settleKind(organisation)
const live = { lane: 'live' } as const

function makeSystems() {
  const asked: string[] = []
  const searches: WorkbooksQuery[] = []
  const record = { controller: '', lockVersion: 1, columns: {}, isDeleted: false, readAt: 0 }
  const records = makeRecords({
    kind,
    outreach: {
      readMany: (type, ids) => {
        asked.push(`${type} ${ids.join(',')}`)
        return Promise.resolve(new Map([['4101', { kind: 'gone' }]]))
      },
    },
    workbooks: {
      readMany: (controller, { ids, columns }) => {
        assert.equal(columns, kind.readColumns)
        asked.push(`${controller} ${ids.join(',')}`)
        return Promise.resolve(new Map([['1', { kind: 'here', record: { ...record, id: '1' } }]]))
      },
      search: (_, query) => {
        searches.push(query)
        return Promise.resolve([])
      },
      write: (controller, rows) => {
        asked.push(`write ${controller} ${rows.length}`)
        return Promise.resolve(rows.map(() => ({ kind: 'stale' })))
      },
    },
  })
  return { records, asked, searches }
}

test('N records cost N/100 reads, and a record that is asked for twice is read once (rulebook 2, 12)', async () => {
  const { records, asked } = makeSystems()
  const ids = Array.from({ length: 101 }, (_, index) => String(index + 1))
  await Promise.all([...ids, '1'].map((id) => records.readWorkbooks(id, live)))
  const counts = asked.map((one) => one.split(',').length)
  assert.deepEqual(counts, [100, 2])
})

test('what a list does not show is unseen, which proves nothing (rulebook 10)', async () => {
  const { records, asked } = makeSystems()
  const found = await Promise.all([
    records.readWorkbooks('1', live),
    records.readWorkbooks('2', live),
    records.readOutreach('4101', live),
    records.readOutreach('4102', live),
  ])
  assert.deepEqual(
    found.map((one) => one.kind),
    ['here', 'unseen', 'gone', 'unseen'],
  )
  assert.deepEqual(asked.toSorted(), ['account 4101,4102', 'crm/organisations 1,2'])
})

test('writes share a request, and one alone has its own (rulebook 12)', async () => {
  const { records, asked } = makeSystems()
  const row: WorkbooksWrite = { kind: 'update', id: '1', lockVersion: 1, columns: {} }
  await Promise.all([records.writeWorkbooks(row, live), records.writeWorkbooks(row, live)])
  await records.writeAlone(row, live)
  assert.deepEqual(asked, ['write crm/organisations 2', 'write crm/organisations 1'])
})

test('a partner is searched by Outreach Id, by our reference and by name, all at once (rulebook 6)', async () => {
  const { records, searches } = makeSystems()
  const [one, two] = [
    { outreachId: '4101', reference: 'outreach:account:4101', keys: ['Café'] },
    { outreachId: '4102', keys: [] },
  ]
  await Promise.all([records.findInWorkbooks(one, live), records.findInWorkbooks(two, live)])
  const [search, ...more] = searches
  assert.deepEqual(more, [])
  assert.deepEqual(search?.filters, [
    { field: 'cf_organisation_outreach_id', type: 'eq', value: ['4101', '4102'] },
    { field: 'created_through_reference', type: 'eq', value: ['outreach:account:4101'] },
    { field: 'name', type: 'eq', value: ['Café', 'Cafe\u0301'] },
  ])
  assert.equal(search.logic, '1 OR 2 OR 3')
})

test('a name that ends in a backslash stands alone: it would swallow the comma', async () => {
  const { records, searches } = makeSystems()
  await records.findInWorkbooks({ outreachId: '4101', keys: ['Slash\\', 'Plain'] }, live)
  assert.deepEqual(
    searches[0]?.filters.map(({ value }) => value),
    [['4101'], ['Plain'], ['Slash\\']],
  )
})

test('a search asks for the name as it is written and, where that differs, in NFC and NFD (rulebook 4)', () => {
  assert.deepEqual(spellings('Acme'), ['Acme'])
  assert.deepEqual(spellings('Café'), ['Café', 'Cafe\u0301'])
  assert.deepEqual(spellings('Cafe\u0301'), ['Cafe\u0301', 'Café'])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toApiUrl, toListQuery, toPlural } from './to-outreach-url.ts'

const decoded = (query: Parameters<typeof toListQuery>[0]) =>
  decodeURIComponent(toListQuery(query).replaceAll('+', ' '))

test('types live under their plural', () => {
  const types = ['account', 'opportunity', 'mailbox', 'batch', 'taskPriority', 'sequenceState']
  assert.deepEqual(types.map(toPlural), [
    'accounts',
    'opportunities',
    'mailboxes',
    'batches',
    'taskPriorities',
    'sequenceStates',
  ])
})

test('the API is found with and without its path in the setting', () => {
  assert.equal(toApiUrl('https://a.test/', '/api/v2/users'), 'https://a.test/api/v2/users')
  assert.equal(toApiUrl('https://a.test/api/v2', '/api/v2/users'), 'https://a.test/api/v2/users')
})

// prettier-ignore
const rows = [
  { says: 'a plain value', filter: { name: 'Larkfield Instruments' }, query: 'filter[name]=Larkfield Instruments' },
  { says: 'an id list', filter: { id: '1,2,5' }, query: 'filter[id]=1,2,5' },
  { says: 'a range of times', filter: { updatedAt: '2026-03-01T00:00:00Z..inf' }, query: 'filter[updatedAt]=2026-03-01T00:00:00Z..inf' },
  { says: 'a relationship', filter: { 'account.id': '4101' }, query: 'filter[account][id]=4101' },
  { says: 'a relationship in brackets', filter: { 'account[id]': '4101,4102' }, query: 'filter[account][id]=4101,4102' },
  { says: 'null', filter: { touchedAt: '__null__' }, query: 'filter[touchedAt]=__null__' },
  { says: 'a comma in the value', filter: { name: 'Acme, Inc.' }, query: 'newFilterSyntax=true&filter[name][]=Acme, Inc.' },
  { says: 'dots in the value', filter: { name: '2..3' }, query: 'newFilterSyntax=true&filter[name][]=2..3' },
  { says: 'a comma beside others', filter: { name: 'A, B', named: 'false', id: '1,2', updatedAt: '2026-03-01..inf' },
    query: 'newFilterSyntax=true&filter[name][]=A, B&filter[named][]=false&filter[id][]=1&filter[id][]=2&filter[updatedAt][gte]=2026-03-01' },
]

test.each(rows)('filter with $says', ({ filter, query }) => {
  assert.equal(decoded({ filter }), `${query}&page[size]=100`)
})

test('a list is always asked for by cursor, sorted as told', () => {
  assert.equal(decoded({ sort: 'updatedAt,id', size: 500 }), 'sort=updatedAt,id&page[size]=500')
})

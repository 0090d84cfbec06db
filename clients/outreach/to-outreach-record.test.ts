import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toOutreachBody, toOutreachRecord } from './to-outreach-record.ts'

test('ids are strings with us, and only to-one relationships are links', () => {
  const resource = {
    type: 'prospect',
    id: 88017,
    attributes: { emails: [] },
    relationships: {
      account: { data: { type: 'account', id: 4101 } },
      owner: { data: null },
      opportunities: { data: [{ id: 1 }], meta: { count: 1 } },
      tasks: { links: { related: 'https://a.test/tasks' } },
      odd: {},
    },
  }
  assert.deepEqual(toOutreachRecord(resource, 5), {
    type: 'prospect',
    id: '88017',
    attributes: { emails: [] },
    links: { account: '4101', owner: null },
    readAt: 5,
  })
})

test.each([undefined, null, [], 'text', { type: 'account' }])('%j is no record', (resource) => {
  assert.equal(toOutreachRecord(resource, 5), undefined)
})

test('ids are numbers on the wire, and null clears a link', () => {
  const values = {
    attributes: { name: 'Acme' },
    links: { owner: { type: 'user', id: '31' }, account: null },
  }
  assert.deepEqual(toOutreachBody({ type: 'prospect', id: '7' }, values), {
    data: {
      type: 'prospect',
      id: 7,
      attributes: { name: 'Acme' },
      relationships: { owner: { data: { type: 'user', id: 31 } }, account: { data: null } },
    },
  })
  assert.deepEqual(toOutreachBody({ type: 'task' }, { attributes: {} }), {
    data: { type: 'task', attributes: {} },
  })
})

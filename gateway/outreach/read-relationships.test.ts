import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readBefore } from './read-before.ts'
import { readRelationships } from './read-relationships.ts'

test.each([
  ['the flat form', { type: 'owner', id: 31 }, '31'],
  ['an id that is a string', { type: 'owner', id: '31' }, '31'],
  ['the wrapped form', { data: { type: 'user', id: 31 } }, '31'],
  ['null', null, null],
  ['a wrapped null', { data: null }, null],
  ['an id of null', { id: null }, null],
  ['an id of 0', { id: 0 }, null],
  ['a to-many relationship', { data: [{ type: 'prospect', id: 1 }] }, undefined],
  ['only links', { links: { related: 'https://api.outreach.io/' } }, undefined],
  ['a wrapper in a wrapper', { data: { data: { id: 1 } } }, undefined],
  ['an id beyond exact numbers', { id: 12345678901234567890n }, undefined],
  ['a text', 'user 31', undefined],
])('%s', (_name, relationship, expected) => {
  const links = readRelationships({ owner: relationship })
  assert.deepEqual(links, expected === undefined ? {} : { owner: expected })
})

test('a name that every object has is a name like any other', () => {
  const links = readRelationships(JSON.parse('{"__proto__":{"id":5},"constructor":{"id":6}}'))
  assert.equal(JSON.stringify(links), '{"__proto__":"5","constructor":"6"}')
})

test('previous values are read in either shape', () => {
  const expected = { before: { name: 'Larkfield' }, linksBefore: { owner: '31' } }
  const attributes = { name: 'Larkfield' }
  const owner = { type: 'owner', id: 31 }
  assert.deepEqual(readBefore({ attributes, relationships: { owner } }), expected)
  assert.deepEqual(readBefore({ ...attributes, owner }), expected)
  assert.deepEqual(readBefore({ attributes }), { before: attributes, linksBefore: {} })
  assert.deepEqual(readBefore({ relationships: { owner } }), { ...expected, before: {} })
  assert.deepEqual(readBefore({}), { before: {}, linksBefore: {} })
  assert.equal(readBefore(null), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readArray, readContacts, toContactColumns, toRoles } from './contacts.ts'

const line = { idsColumn: 'ids', rolesColumn: 'roles' }

// prettier-ignore
test.each([
  ['a JSON array', [12, 13], ['12', '13']],
  ['its text', '[12,13]', ['12', '13']],
  ['texts without quotes', '[Partner, Key Contact]', ['Partner', 'Key Contact']],
  ['texts with quotes', '["Partner","A, B"]', ['Partner', 'A, B']],
  ['words that JSON reads otherwise', '[1.50,true,null]', ['1.50', 'true', 'null']],
  ['a blank in the middle', '[Partner,,Buyer]', ['Partner', '', 'Buyer']],
  ['a blank at the end', '[Partner,]', ['Partner', '']],
  ['nulls among them', [null, ' Buyer '], ['', 'Buyer']],
  ['one number', 12, ['12']],
  ['an empty list', '[]', []],
  ['nothing', null, []],
] as const)('an array is read from %s', (_name, raw, items) => {
  assert.deepEqual(readArray(raw), items)
})

test('columns of unequal length: a role that is missing is none, one too many is nobody’s', () => {
  assert.deepEqual(readContacts(line, { ids: [12, 13], roles: ['Partner'] }), [
    { id: '12', role: 'Partner' },
    { id: '13', role: '' },
  ])
  assert.deepEqual(readContacts(line, { ids: '[12]', roles: '[Partner,Buyer]' }), [
    { id: '12', role: 'Partner' },
  ])
})

test('an id that is none takes its role along', () => {
  assert.deepEqual(readContacts(line, { ids: [null, 13], roles: ['Partner', 'Buyer'] }), [
    { id: '13', role: 'Buyer' },
  ])
})

test('roles are a value: sorted, each once, and nobody is not somebody without a role', () => {
  assert.deepEqual(toRoles(['Partner', 'Buyer', 'Partner']), ['Buyer', 'Partner'])
  assert.deepEqual(toRoles(['']), [''])
  assert.equal(toRoles([]), null)
})

const standing = { ids: '[12,226,13]', roles: '[Partner,Competitor,Buyer]' }
const write = (...wanted: readonly (readonly [string, readonly string[]])[]) =>
  toContactColumns(line, new Map(wanted), standing)

test('a changed role keeps its place, and nobody else moves', () => {
  assert.deepEqual(write(['12', ['Champion']]), {
    ids: '[12,226,13]',
    roles: '[Champion,Competitor,Buyer]',
  })
})

test('a new person goes to the end, one who was removed leaves no hole', () => {
  assert.deepEqual(write(['12', []], ['14', ['']]), {
    ids: '[226,13,14]',
    roles: '[Competitor,Buyer,]',
  })
})

test('a second role stands beside the first, and goes alone', () => {
  const both = write(['12', ['Champion', 'Partner']])
  assert.deepEqual(both, {
    ids: '[12,226,13,12]',
    roles: '[Partner,Competitor,Buyer,Champion]',
  })
  assert.deepEqual(toContactColumns(line, new Map([['12', ['Champion']]]), both), {
    ids: '[226,13,12]',
    roles: '[Competitor,Buyer,Champion]',
  })
})

test('the last contact leaves empty lists', () => {
  const gone = toContactColumns(line, new Map([['12', []]]), { ids: [12], roles: ['Partner'] })
  assert.deepEqual(gone, { ids: '[]', roles: '[]' })
})

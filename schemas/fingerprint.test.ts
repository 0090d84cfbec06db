import assert from 'node:assert/strict'
import { test } from 'vitest'
import { fingerprintOf, versionOfSet } from './fingerprint.ts'

const resource = { attributes: ['name', 'emails', 'address'], links: ['owner'] }
const record = {
  attributes: {
    name: 'Acme',
    emails: ['a@acme.example', 'b@acme.example'],
    address: { town: 'Ely' },
  },
  links: { owner: '7' },
}
const of = (attributes: Readonly<Record<string, unknown>>, links: Record<string, string | null>) =>
  fingerprintOf(resource, { attributes, links })
const changed = (attributes: Readonly<Record<string, unknown>>) =>
  of({ ...record.attributes, ...attributes }, record.links)

test('it is short, and the same whichever answer told the record', () => {
  const told = fingerprintOf(resource, record)
  const listed = { updatedAt: 'later', ...record.attributes, named: true }
  assert.match(told, /^[\w-]{22}$/)
  assert.equal(of(listed, { ...record.links, creator: '1' }), told)
  assert.equal(
    fingerprintOf({ attributes: ['address', 'name', 'emails', 'name'], links: ['owner'] }, record),
    told,
  )
})

// prettier-ignore
const blanks: readonly { says: string; value: unknown }[] = [
  { says: 'missing',             value: undefined },
  { says: 'null',                value: null },
  { says: 'empty',               value: '' },
  { says: 'spaces',              value: '  ' },
  { says: 'an empty list',       value: [] },
  { says: 'a list of blanks',    value: ['', null] },
  { says: 'an empty object',     value: {} },
  { says: 'an object of blanks', value: { town: null } },
]

test.each(blanks)('a blank is a blank: $says', ({ value }) => {
  const { name } = record.attributes
  assert.equal(of({ name, emails: value }, { owner: null }), of({ name }, {}))
})

// prettier-ignore
const changes: readonly { says: string; attributes: Readonly<Record<string, unknown>> }[] = [
  { says: 'another value',            attributes: { name: 'Acme Ltd' } },
  { says: 'a blank',                  attributes: { name: null } },
  { says: 'a value in another place', attributes: { name: ['a@acme.example', 'b@acme.example'], emails: 'Acme' } },
  { says: 'another first in a list',  attributes: { emails: ['b@acme.example', 'a@acme.example'] } },
  { says: 'one less in a list',       attributes: { emails: ['a@acme.example'] } },
  { says: 'false is not blank',       attributes: { name: false } },
  { says: 'zero is not blank',        attributes: { name: 0 } },
  { says: 'within an object',         attributes: { address: { town: 'Bath' } } },
]

test.each(changes)('a change is seen: $says', ({ attributes }) => {
  assert.notEqual(changed(attributes), fingerprintOf(resource, record))
})

test('a change of a link is seen, and that of an attribute which nobody maps is not', () => {
  assert.notEqual(of(record.attributes, { owner: '8' }), fingerprintOf(resource, record))
  assert.equal(changed({ stage: 'won' }), fingerprintOf(resource, record))
})

const fingerprinted = { attributes: ['role'], links: ['opportunity', 'prospect'] }
const rowOf = (id: string, role: string | null, prospect: string | null = '88001') => ({
  ...{ id, attributes: { role, updatedAt: 'whenever' }, links: { opportunity: '950', prospect } },
})
const setOf = (...rows: readonly ReturnType<typeof rowOf>[]) => versionOfSet(fingerprinted, rows)

test('all rows of one record are one version, whatever their order: one that is gone, made or changed is seen', () => {
  const told = setOf(rowOf('1', 'Buyer'), rowOf('2', null))
  assert.equal(setOf(rowOf('2', ''), rowOf('1', ' Buyer ')), told)
  const others = [
    setOf(rowOf('1', 'Buyer')),
    setOf(),
    setOf(rowOf('1', 'Buyer'), rowOf('3', null)),
    setOf(rowOf('1', 'Seller'), rowOf('2', null)),
    setOf(rowOf('1', 'Buyer', '88002'), rowOf('2', null)),
  ]
  assert.equal(new Set([told, ...others]).size, 6)
})

test('a row that names nobody is none', () => {
  assert.equal(setOf(rowOf('1', 'Buyer'), rowOf('2', 'Seller', null)), setOf(rowOf('1', 'Buyer')))
})

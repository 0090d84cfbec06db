import assert from 'node:assert/strict'
import { test } from 'vitest'
import { outreachAttribute, outreachNames, outreachRelationship } from './attributes.ts'

test('an attribute says its type, its length and what may be done with it', () => {
  assert.deepEqual(outreachAttribute('account', 'name'), {
    type: 'string',
    maxLength: 255,
    writable: true,
    filterable: true,
  })
  assert.equal(outreachAttribute('prospect', 'emails')?.items, 'string')
  assert.equal(outreachAttribute('prospect', 'name')?.writable, false)
  assert.equal(outreachAttribute('opportunity', 'closeDate')?.format, 'date-time')
})

test('custom attributes are known by their numbers where the type has them', () => {
  assert.equal(outreachAttribute('account', 'custom1')?.maxLength, 32_000)
  assert.equal(outreachAttribute('account', 'custom150')?.writable, true)
  assert.equal(outreachAttribute('account', 'custom151'), undefined)
  assert.equal(outreachAttribute('account', 'custom0'), undefined)
  assert.equal(outreachAttribute('task', 'custom1'), undefined)
})

test('what is no attribute is unknown, also where every object has it', () => {
  assert.equal(outreachAttribute('account', 'constructor'), undefined)
  assert.equal(outreachRelationship('account', '__proto__'), undefined)
})

test('a relationship says which types it may name and how many', () => {
  assert.deepEqual(outreachRelationship('task', 'subject'), {
    types: ['account', 'opportunity', 'prospect'],
    many: false,
    writable: true,
  })
  assert.equal(outreachRelationship('account', 'prospects')?.many, true)
  assert.ok(outreachNames('prospect').includes('account'))
  assert.ok(!outreachNames('account').includes('prospects'))
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Field } from '../fields/field.ts'
import { makeCarrierOf } from './carriers.ts'
import { emptyMemory } from './memory.ts'
import { mergeFields, valuesToCreate, type MergeInput } from './merge-fields.ts'

const usual = { direction: 'both', onConflict: 'latest', onLink: 'workbooks' } as const
const name: Field = { ...usual, workbooks: 'name', outreach: 'name', form: 'text', maxLength: 5 }
const size: Field = { ...usual, workbooks: 'size', outreach: 'employees', form: 'integer' }
const site: Field = { ...usual, workbooks: 'site', outreach: 'websiteUrl', form: 'text' }
const noOwner = { kind: 'no-word', blankWhenChanged: false } as const
const carrierOf = makeCarrierOf({
  owner: { meansSame: () => false, asOutreach: () => noOwner, asWorkbooks: () => noOwner },
})

function merge(given: Partial<MergeInput>) {
  return mergeFields({
    ...{ fields: [name, size, site], carrierOf, w: {}, o: {}, memory: emptyMemory },
    meeting: { standsUnlessNamed: false, named: {}, workbooksDecidesApart: false },
    timeOf: () => 0,
    ...given,
  })
}

test('only the changed fields of each side are to be written (rulebook 5, 6)', () => {
  const agreed = { name: { w: 'a', o: 'a' }, size: { w: '1', o: 1 }, site: { w: 'x', o: 'x' } }
  const merged = merge({
    memory: { agreed },
    w: { name: 'b', size: '1', site: 'x' },
    o: { name: 'a', size: 2, site: 'x' },
  })
  assert.deepEqual(merged.send, { name: 'b' })
  assert.deepEqual(merged.receive, { size: 2 })
  assert.deepEqual(merged.agreed, agreed)
})

test('a conflict names field, winner, loser and the losing value (rulebook 8)', () => {
  const merged = merge({
    memory: { agreed: { name: { w: 'a', o: 'a' } } },
    w: { name: 'b' },
    o: { name: 'c' },
    timeOf: (_, side) => (side === 'outreach' ? 2 : 1),
  })
  assert.deepEqual(merged.conflicts, [
    { field: 'name', winner: 'outreach', loser: 'workbooks', losingValue: 'b' },
  ])
  assert.deepEqual([merged.send, merged.receive], [{}, { name: 'c' }])
})

test('a value that was left out does not become agreed, and the others go (rulebook 8)', () => {
  const agreed = { name: { w: 'a', o: 'a' }, size: { w: '1', o: 1 }, site: { w: null, o: null } }
  const merged = merge({
    memory: { agreed },
    w: { name: 'a long name', size: 'many', site: 'x' },
    o: { name: 'a', size: 1, site: null },
  })
  assert.deepEqual(merged.send, { site: 'x' })
  assert.deepEqual(merged.agreed, agreed)
  assert.deepEqual(merged.leftOut, [
    { field: 'name', why: 'it has 11 characters, and 5 are allowed', side: 'outreach' },
    { field: 'size', why: 'it is not a whole number', side: 'outreach' },
  ])
})

test('an unsettled change keeps the time that it was first seen with (rulebook 8, latest)', () => {
  const merged = merge({
    memory: { agreed: { name: { w: 'a', o: 'a' } } },
    w: { name: 'a long name' },
    o: { name: 'a' },
    timeOf: () => 77,
  })
  assert.deepEqual(merged.seen, { 'workbooks/name': { value: 'a long name', time: 77 } })
})

const apart = { site: { w: 'a', o: 'b', apart: true } } as const
const quiet = { standsUnlessNamed: false, named: {}, workbooksDecidesApart: false }

// prettier-ignore
const hints = [
  { says: 'an event that names the value remembered as ao decides it', meeting: { ...quiet, named: { site: 'b' } }, send: {}, receive: { site: 'b' } },
  { says: 'an event that names another value decides nothing',         meeting: { ...quiet, named: { site: 'z' } }, send: {}, receive: {} },
  { says: 'an event about another field decides nothing',              meeting: { ...quiet, named: { name: 'b' } }, send: {}, receive: {} },
  { says: 'a hint of Workbooks decides by onLink',                     meeting: { ...quiet, workbooksDecidesApart: true }, send: { site: 'a' }, receive: {} },
  { says: 'no hint decides nothing',                                   meeting: quiet, send: {}, receive: {} },
]

test.each(hints)('what stands apart since first connection: $says (rulebook 3)', (row) => {
  const { meeting, send, receive } = row
  const both = { w: { site: 'a' }, o: { site: 'b' } }
  const merged = merge({ fields: [site], memory: { agreed: apart }, ...both, meeting })
  assert.deepEqual([merged.send, merged.receive], [send, receive])
})

test('a pair met before its turn: named fields are received, the rest stands (rulebook 3)', () => {
  const merged = merge({
    meeting: { ...quiet, standsUnlessNamed: true, named: { name: 'new' } },
    w: { name: 'old', size: '1', site: 'a' },
    o: { name: 'new', size: 1, site: 'b' },
  })
  assert.deepEqual([merged.send, merged.receive], [{}, { name: 'new' }])
  assert.deepEqual(merged.agreed, { size: { w: '1', o: 1 }, ...apart })
})

// prettier-ignore
const creates = [
  { says: 'carries what is not blank, in the other side\'s form',       fields: [name, size, site], values: { name: 'Acme', size: '1,200', site: null }, want: { name: 'Acme', size: 1200 } },
  { says: 'leaves out what does not fit, and creates the rest',          fields: [name, site],       values: { name: 'too long', site: 'x' }, want: { site: 'x' }, leftOut: ['name'] },
  { says: 'carries nothing of a field that is only received',            fields: [{ ...name, direction: 'receive' as const }], values: { name: 'Acme' }, want: {} },
  { says: 'leaves an owner that the other side does not know blank (9)', fields: [{ ...site, form: 'owner' as const }], values: { site: 'Zoe' }, want: {} },
]

test.each(creates)('a create $says (rulebook 4)', ({ fields, values, want, leftOut = [] }) => {
  const carried = valuesToCreate({ fields, carrierOf }, { side: 'workbooks', values })
  assert.deepEqual(carried.values, want)
  assert.deepEqual(
    carried.leftOut.map(({ field }) => field),
    leftOut,
  )
})

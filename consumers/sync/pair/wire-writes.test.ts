import assert from 'node:assert/strict'
import { test } from 'vitest'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { toOutreachWrite, toWorkbooksColumns, withElement } from './wire-writes.ts'

const kind = settleKind(organisation, { fields: [{ workbooks: 'cf_tag', outreach: 'tags' }] })
const owner = 'queue_entry[queue[name]]'
const owners = {
  queueIdOf: (queues: string, name: string) =>
    queues === 'crm/organisation_queues' && name === 'Amy' ? '12' : undefined,
}

test('to Outreach only the named fields go, a blank as null (rulebook 5)', () => {
  assert.deepEqual(toOutreachWrite(kind.fields, { name: 'Acme', website: null }), {
    attributes: { name: 'Acme', websiteUrl: null },
    links: {},
  })
})

test('an owner goes as a relationship, none as null (rulebook 9)', () => {
  assert.deepEqual(toOutreachWrite(kind.fields, { [owner]: '44' }).links, {
    owner: { type: 'user', id: '44' },
  })
  assert.deepEqual(toOutreachWrite(kind.fields, { [owner]: null }).links, { owner: null })
})

test('an element goes with the rest of its list, in a create as a list of its own', () => {
  const values = { cf_tag: 'hot' }
  const current = { tags: ['gold', 'silver'] }
  const written = toOutreachWrite(kind.fields, values, current)
  assert.deepEqual(written.attributes, { tags: ['hot', 'silver'] })
  assert.deepEqual(toOutreachWrite(kind.fields, values).attributes, { tags: ['hot'] })
})

// prettier-ignore
const lists = [
  { says: 'is replaced in its place',                     current: ['a', 'b'], value: 'x', want: ['x', 'b'] },
  { says: 'that is there already moves to the front',     current: ['a', 'b', 'c'], value: 'c', want: ['c', 'a', 'b'] },
  { says: 'that is in front stays there',                 current: ['a', 'b'], value: 'a', want: ['a', 'b'] },
  { says: 'that is cleared leaves, the next moves up',    current: ['a', 'b'], value: null, want: ['b'] },
  { says: 'that is cleared out of nothing leaves nothing', current: [], value: null, want: [] },
  { says: 'starts a list',                                current: undefined, value: 'x', want: ['x'] },
]

test.each(lists)('the mapped element of a list (rulebook 8) $says', ({ current, value, want }) => {
  assert.deepEqual(withElement(current, value), want)
})

test('to Workbooks only the named columns go, a blank as null (rulebook 6)', () => {
  const values = { name: 'Acme', website: null, organisation_num_employees: 7 }
  assert.deepEqual(toWorkbooksColumns(owners, kind, values), values)
})

test("Assigned To is written as the queue's id (rulebook 9)", () => {
  assert.deepEqual(toWorkbooksColumns(owners, kind, { [owner]: 'Amy' }), { assigned_to: '12' })
})

test('a blank owner leaves Assigned To as it is', () => {
  assert.deepEqual(toWorkbooksColumns(owners, kind, { [owner]: null }), {})
})

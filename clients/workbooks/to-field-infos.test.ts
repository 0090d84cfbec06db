import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toFieldInfos } from './to-field-infos.ts'

const list = [
  { name: 'name', datatype: 'string', is_updateable: true, is_createable: true },
  { name: 'id', datatype: 'integer', is_updateable: false, is_createable: 'false' },
]
const byName = {
  name: { datatype: 'string' },
  id: { datatype: 'integer', is_updateable: false, is_createable: false },
}
const other = { class_name: 'Other', fields: [{ name: 'strange' }] }
const row = { class_name: 'Ours', fields: list }
const expected = [
  { name: 'name', datatype: 'string', isUpdateable: true, isCreateable: true },
  { name: 'id', datatype: 'integer', isUpdateable: false, isCreateable: false },
]

// prettier-ignore
const shapes = [
  { says: 'rows in data', json: { success: true, data: [other, row] } },
  { says: 'one row in data', json: { success: true, data: row } },
  { says: 'types without success', json: { types: [other, row] } },
  { says: 'types in data', json: { data: { types: [row] } } },
  { says: 'a bare array', json: [other, row] },
  { says: 'fields by name', json: { types: [{ class_name: 'Ours', fields: byName }] } },
  { says: 'fields by index', json: [{ class_name: 'Ours', fields: { 0: list[0], 1: list[1] } }] },
]

test.each(shapes)('fields are read from $says', ({ json }) => {
  assert.deepEqual([...(toFieldInfos(json, 'Ours')?.values() ?? [])], expected)
})

test.each([undefined, null, 'text', {}, [], [other], { data: [{ class_name: 'Ours' }] }])(
  'there are no fields in %j',
  (json) => {
    assert.equal(toFieldInfos(json, 'Ours'), undefined)
  },
)

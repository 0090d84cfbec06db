import assert from 'node:assert/strict'
import { test } from 'vitest'
import { organisation } from './organisation.ts'
import { settleKind } from './settle-kind.ts'

const matching = organisation.matchingFor([])
const workbooks = (name: unknown) =>
  matching.keysOfWorkbooks({
    ...{ controller: 'crm/organisations', id: '226', lockVersion: 0, isDeleted: false, readAt: 0 },
    columns: { name },
  })
const outreach = (name: unknown) =>
  matching.keysOfOutreach({
    ...{ type: 'account', id: '4101', links: {}, readAt: 0 },
    attributes: { name },
  })

test('organisations and accounts match by their name as it is written (rulebook 4)', () => {
  assert.deepEqual(
    [workbooks(' Larkfield '), outreach('Larkfield')],
    [['Larkfield'], ['Larkfield']],
  )
})

test('without a name there is nothing to look for', () => {
  assert.deepEqual([workbooks(''), workbooks(null), outreach(undefined)], [[], [], []])
})

test('named and unnamed accounts alike are searched (rulebook 4, seed)', () => {
  assert.deepEqual(matching.queriesFor('Larkfield'), [
    { filter: { name: 'Larkfield' } },
    { filter: { name: 'Larkfield', named: 'false' } },
  ])
})

test('the defaults are those of the rulebook: flag, close, only named accounts (rulebook 4, 6, 11)', () => {
  assert.deepEqual(organisation.policy, {
    enabled: true,
    matching: 'flag',
    createInOutreach: true,
    createInWorkbooks: [{ attribute: 'named', is: [true] }],
    onDelete: 'close',
  })
})

// prettier-ignore
const mapping = [
  ['name', 'name', 'text', 255],
  ['website', 'websiteUrl', 'text', 255],
  ['industry', 'industry', 'text', 255],
  ['organisation_num_employees', 'numberOfEmployees', 'integer', undefined],
  ['main_location[town]', 'locality', 'text', 255],
  ['linkedin_url', 'linkedInUrl', 'text', 1000],
  ['biography', 'description', 'text', 65_535],
  ['queue_entry[queue[name]]', 'owner', 'owner', undefined],
]

test('every line of the default mapping goes both ways, with its form and limit (mapping 2)', () => {
  const { fields } = settleKind(organisation)
  assert.deepEqual(
    fields.map(({ workbooks: column, outreach: attribute, form, maxLength }) => [
      ...[column, attribute, form, maxLength],
    ]),
    mapping,
  )
  assert.deepEqual([...new Set(fields.map(({ direction }) => direction))], ['both'])
})

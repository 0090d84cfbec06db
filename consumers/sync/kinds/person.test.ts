import assert from 'node:assert/strict'
import { test } from 'vitest'
import { person } from './person.ts'
import { fitToDatabase, settleKind } from './settle-kind.ts'

const alternate = { workbooks: 'home_location[email]', outreach: 'custom3' }
const { matching, fields } = settleKind(person, { fields: [alternate] })

const workbooks = (columns: Readonly<Record<string, unknown>>) => ({
  ...{ controller: 'crm/people', id: '12', lockVersion: 0, isDeleted: false, readAt: 0, columns },
})

test('a list is mapped by its first element, a relationship to an account names an organisation, an opt-out has a form of its own', () => {
  const forms = Object.fromEntries(fields.map((field) => [field.outreach, field.form]))
  assert.equal(forms['emails'], 'emails')
  assert.equal(forms['workPhones'], 'list')
  assert.equal(forms['optedOut'], 'opt-out')
  assert.equal(forms['owner'], 'owner')
  assert.deepEqual(fields.find(({ outreach }) => outreach === 'account')?.parent, {
    ...{ kind: 'organisation', outreachType: 'account' },
  })
})

test('people match by their e-mail and every other e-mail column in the mapping (rulebook 4)', () => {
  assert.deepEqual(matching.columns, ['main_location[email]', 'home_location[email]'])
  const columns = { 'main_location[email]': ' a@x.example', 'home_location[email]': 'none' }
  assert.deepEqual(matching.keysOfWorkbooks(workbooks(columns)), ['a@x.example'])
  assert.deepEqual(matching.queriesFor('a@x.example'), [{ filter: { emails: 'a@x.example' } }])
})

test('a create whose answer was lost is looked for by the e-mail it sent, else by name among those made since', () => {
  const since = '2026-03-02T09:00:00.000Z'
  assert.deepEqual(matching.queriesForLost?.({ 'main_location[email]': 'a@x.example' }, since), [
    { filter: { emails: 'a@x.example' } },
  ])
  assert.deepEqual(matching.queriesForLost({ person_last_name: 'Quill' }, since), [
    { filter: { lastName: 'Quill', createdAt: `${since}..inf` } },
  ])
})

test('a database without the sequence columns does without them, and says so', () => {
  const has = { datatype: 'string', isUpdateable: true, isCreateable: true }
  const settled = settleKind(person)
  const names = settled.readColumns.filter((name) => !name.includes('sequence'))
  const metadata = new Map(names.map((name) => [name, { name, ...has }]))
  const { kind, missing, absent } = fitToDatabase(settled, metadata)
  assert.deepEqual([missing, absent], [[], ['cf_person_sequence_state']])
  assert.equal(kind.columns.sequenceState, null)
  assert.ok(!kind.readColumns.includes('cf_person_sequence_state'))
})

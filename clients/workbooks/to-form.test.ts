import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toReadForm, toWriteForm } from './to-form.ts'

const lines = (form: ReturnType<typeof toWriteForm>) =>
  form.map(([name, value]) => `${name}=${value}`)

test('a read sends both halves of its page, its filters in order, and the columns that a record needs', () => {
  const form = toReadForm('crm/organisations', {
    columns: ['name', 'id'],
    filters: [
      { field: 'name', type: 'eq', value: 'Acme, Inc.' },
      { field: 'is_deleted', type: 'true' },
      { field: 'amount', type: 'between', value: ['1', '2'] },
    ],
    logic: '1 AND (2 OR 3)',
    sort: [{ column: 'updated_at', direction: 'ASC' }],
  })
  assert.deepEqual(lines(form), [
    '_start=0',
    '_limit=100',
    '_sort[]=updated_at',
    '_dir[]=ASC',
    '_skip_total_rows=true',
    '__skip_total_rows=true',
    '_fm=1 AND (2 OR 3)',
    '_ff[]=name',
    '_ft[]=eq',
    '_fc[]=Acme\\, Inc.',
    '_ff[]=is_deleted',
    '_ft[]=true',
    '_fc[]=',
    '_ff[]=amount',
    '_ft[]=between',
    '_fc[]=JSON(["1","2"])',
    '_select_columns[]=id',
    '_select_columns[]=lock_version',
    '_select_columns[]=is_deleted',
    '_select_columns[]=name',
  ])
})

test('a list is one criterion, with the commas inside its values escaped', () => {
  const filters = [{ field: 'name', type: 'eq', value: ['A, B', 'C'] }]
  const form = toReadForm('crm/person_queues', { columns: ['name'], filters })
  assert.ok(lines(form).includes('_fc[]=A\\, B,C'))
  assert.ok(!lines(form).includes('_select_columns[]=is_deleted'))
})

test('a write selects its rows and sends a square array with the names in order', () => {
  const form = toWriteForm([
    { kind: 'create', columns: { name: 'Acme', 'main_location[town]': 'Reading' } },
    {
      kind: 'update',
      id: '226',
      lockVersion: 3,
      columns: { name: '', 'org_lead_party[main_location[email]]': null, flag: false },
    },
    { kind: 'delete', id: '7', lockVersion: 1 },
  ])
  assert.deepEqual(lines(form), [
    '_per_object_transactions=true',
    '_fm=or',
    ...['_ff[]=id', '_ft[]=eq', '_fc[]=0'],
    ...['_ff[]=id', '_ft[]=eq', '_fc[]=226'],
    ...['_ff[]=id', '_ft[]=eq', '_fc[]=7'],
    '__method[]=POST',
    'flag[]=:no_value:',
    'id[]=0',
    'lock_version[]=0',
    'main_location[town][]=Reading',
    'name[]=Acme',
    'org_lead_party[main_location][email][]=:no_value:',
    '__method[]=PUT',
    'flag[]=false',
    'id[]=226',
    'lock_version[]=3',
    'main_location[town][]=:no_value:',
    'name[]=:null_value:',
    'org_lead_party[main_location][email][]=:null_value:',
    '__method[]=DELETE',
    'flag[]=:no_value:',
    'id[]=7',
    'lock_version[]=1',
    'main_location[town][]=:no_value:',
    'name[]=:no_value:',
    'org_lead_party[main_location][email][]=:no_value:',
  ])
})

test('an array is one text in brackets', () => {
  const columns = { ids: [12, 13], roles: ['Partner', 'Competitor'] }
  const form = lines(toWriteForm([{ kind: 'create', columns }]))
  assert.ok(form.includes('ids[]=[12,13]'))
  assert.ok(form.includes('roles[]=[Partner,Competitor]'))
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'
import type { SimulatedWorkbooks } from './simulated-workbooks.ts'
import { filterBy, makeTestCaller } from './test-caller.ts'

let workbooks: SimulatedWorkbooks
let caller: ReturnType<typeof makeTestCaller>

beforeEach(async () => {
  workbooks = await openSimulatedWorkbooks({ now: () => Date.UTC(2025, 9, 3, 14, 31, 20, 500) })
  caller = makeTestCaller(workbooks)
})
afterEach(() => workbooks.close())

const addOrganisations = (count: number): void => {
  for (let at = 1; at <= count; at += 1)
    workbooks.person.create('organisations', { name: `Number ${at}` })
}

test('_limit counts only beside _start, and the page is 100 by default (3.1)', async () => {
  addOrganisations(120)
  const bare = await caller.list('crm/organisations', [['_limit', '5']])
  expect(bare.body.data).toHaveLength(100)
  expect(bare.body.total).toBe(120)
  const page = [
    ['_start', '118'],
    ['_limit', '5'],
  ] as const
  const last = await caller.list('crm/organisations', page)
  expect(last.body.data).toHaveLength(2)
  for (const name of ['_skip_total_rows', '__skip_total_rows']) {
    const skipped = await caller.list('crm/organisations', [...page, [name, 'true']])
    expect(skipped.body.total).toBe(2)
  }
})

test('all columns come without a selection, the selected ones with it, in shuffled order (3.1)', async () => {
  addOrganisations(1)
  const { body } = await caller.list('crm/organisations')
  const [row = {}] = body.data ?? []
  expect(Object.keys(row).length).toBeGreaterThan(70)
  expect(row).toMatchObject({
    name: 'Number 1',
    object_ref: 'ORG-101',
    id: 226,
    created_through: 'Workbooks',
    updated_at: 'Fri Oct 03 14:31:20 UTC 2025',
    'queue_entry[queue[name]]': 'Unassigned',
    organisation_annual_revenue: '  0',
    cf_organisation_sync_to_outreach: false,
    cf_organisation_outreach_id: null,
  })
  const selected = await caller.list('crm/organisations', [
    ['_select_columns[]', 'id'],
    ['_select_columns[]', 'updated_by_user[person_name]'],
    ['_select_columns[]', 'unknown'],
  ])
  expect(selected.body.data).toEqual([{ id: 226, 'updated_by_user[person_name]': 'Dana Desk' }])
})

test('query, form, multipart and JSON bodies are merged, whatever the verb (1)', async () => {
  addOrganisations(2)
  const headers = { 'user-agent': 'x', 'content-type': 'application/json' }
  const query = `${workbooks.url}/crm/organisations.api?api_key=${workbooks.apiKey}`
  const plain = await fetch(`${query}&_ff=name&_ft=eq&_fc=number+2`, { headers })
  expect(await plain.json()).toMatchObject({ total: 1 })
  const written = await fetch(query, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ __method: ['POST'], id: [0], lock_version: [0], name: ['JSON Ltd'] }),
  })
  expect(await written.json()).toMatchObject({ affected_objects: [{ name: 'JSON Ltd' }] })
  const form = new FormData()
  for (const [name, value] of filterBy('name', 'eq', 'JSON Ltd')) form.append(name, value)
  form.append('_method', 'GET')
  const multipart = await fetch(query, {
    method: 'POST',
    headers: { 'user-agent': 'x' },
    body: form,
  })
  expect(await multipart.json()).toMatchObject({ total: 1 })
})

test('deleted rows are hidden unless is_deleted is filtered, and have moved (3.4, 8)', async () => {
  addOrganisations(2)
  workbooks.person.remove('organisations', 226)
  expect((await caller.list('crm/organisations')).body.total).toBe(1)
  const both = await caller.list('crm/organisations', [
    ['_fm', '1 AND (2 OR 3)'],
    ...filterBy('updated_at', 'ge', 'Fri Oct 03 14:31:20 UTC 2025'),
    ...filterBy('is_deleted', 'true', ''),
    ...filterBy('is_deleted', 'false', ''),
    ['_sort[]', 'updated_at'],
    ['_dir[]', 'ASC'],
    ['_sort[]', 'id'],
    ['_dir[]', 'DESC'],
  ])
  expect(both.body.data?.map(({ id, is_deleted }) => [id, is_deleted])).toEqual([
    [227, false],
    [226, true],
  ])
})

test('rows named by id are found beside other filters, and an OR does not narrow (3.3)', async () => {
  addOrganisations(5)
  const named = filterBy('id', 'eq', '227,229,4711')
  const both = await caller.list('crm/organisations', [
    ['_fm', '1 AND (2 OR 3)'],
    ...named,
    ...filterBy('is_deleted', 'true', ''),
    ...filterBy('is_deleted', 'false', ''),
  ])
  expect(both.body.data?.map(({ id }) => id)).toEqual([227, 229])
  const either = await caller.list('crm/organisations', [
    ['_fm', 'or'],
    ...named,
    ...filterBy('name', 'eq', 'Number 5'),
  ])
  expect(either.body.data?.map(({ id }) => id)).toEqual([227, 229, 230])
})

test('_filter_json selects as the triplets do (3.3)', async () => {
  addOrganisations(12)
  const json = JSON.stringify([
    ['name', 'bg', 'Number 1'],
    ['id', 'between', 'JSON([226,230])'],
  ])
  const { body } = await caller.list('crm/organisations', [['_filter_json', json]])
  expect(body.data?.map(({ name }) => name)).toEqual(['Number 1'])
})

test('unknown filter fields and types are 406, unknown controllers 404, wrong verbs 405 (5.6)', async () => {
  const unknown = await caller.list('crm/organisations', filterBy('nome', 'eq', 'x'))
  expect(unknown.status).toBe(406)
  expect((await caller.list('crm/organisations', filterBy('name', 'is', 'x'))).status).toBe(406)
  expect((await caller.list('cases')).status).toBe(404)
  const headers = { 'user-agent': 'x' }
  const url = `${workbooks.url}/crm/people.api?api_key=${workbooks.apiKey}`
  expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(405)
})

test('one record comes in the Desktop envelope, with data as an object (3.2)', async () => {
  addOrganisations(1)
  const { body } = await caller.list('crm/organisations/226')
  expect(body).toMatchObject({ success: true, available_layouts: [], data: { id: 226 } })
  expect((await caller.list('crm/organisations/999')).status).toBe(404)
})

test('a hidden record vanishes for reading and for writing (9)', async () => {
  addOrganisations(1)
  workbooks.person.hide('organisations', 226)
  expect((await caller.list('crm/organisations')).body.total).toBe(0)
  const write = await caller.update('crm/organisations', [226, 0], { name: 'x' })
  expect(write.body.failures?.[0]).toContain('no longer accessible')
  workbooks.person.hide('organisations', 226, false)
  expect((await caller.list('crm/organisations')).body.total).toBe(1)
})

test('metadata lists the columns of a class, custom ones too (3.5)', async () => {
  const { body } = await caller.list('metadata/types', [
    ['class_names[]', 'Private::Crm::Opportunity'],
    ['_select_columns[]', 'class_name'],
    ['_select_columns[]', 'fields'],
  ])
  const fields = body.data?.[0]?.['fields']
  expect(fields).toContainEqual(
    expect.objectContaining({
      name: 'cf_opportunity_outreach_id',
      datatype: 'string',
      is_createable: true,
      is_updateable: true,
    }),
  )
  expect(fields).toContainEqual(
    expect.objectContaining({ name: 'document_currency_net_value', is_updateable: false }),
  )
})

test('answers can be wrapped, pretty, escaped and in other formats (1)', async () => {
  workbooks.person.create('organisations', { name: 'Café' })
  const wrapped = await caller.list('crm/organisations', [['callback', 'show']])
  expect(wrapped.text).toMatch(/^show\(\{.*\}\)$/)
  const escaped = await caller.list('crm/organisations', [
    ['json_utf8_encoding', 'u4'],
    ['json', 'pretty'],
    ['_json_output_datetime_format', '%s'],
  ])
  expect(escaped.text).toContain('Caf\\u00e9')
  expect(escaped.text).toContain('\n  ')
  expect(escaped.body.data?.[0]?.['updated_at']).toBe(1759501880)
})

test('a search by equality finds what rows hold now, whatever they held when it was first asked', async () => {
  addOrganisations(3)
  const search = async () => {
    const { body } = await caller.list('crm/organisations', [
      ...filterBy('name', 'eq', 'NUMBER 1,Number 2'),
      ...filterBy('cf_organisation_outreach_id', 'eq', '4101'),
      ['_fm', '1 OR 2'],
    ])
    return (body.data ?? []).map(({ id }) => id)
  }
  expect(await search()).toEqual([226, 227])
  workbooks.person.update('organisations', 226, { name: 'Another' })
  workbooks.person.update('organisations', 228, { cf_organisation_outreach_id: '4101' })
  workbooks.person.create('organisations', { name: 'number 2' })
  expect(await search()).toEqual([227, 228, 229])
})

test('every answer bears the time of the same clock as the records', async () => {
  const { headers } = await caller.list('crm/organisations')
  expect(headers.get('date')).toBe('Fri, 03 Oct 2025 14:31:20 GMT')
})

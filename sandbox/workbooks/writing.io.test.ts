import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'
import type { SimulatedWorkbooks } from './simulated-workbooks.ts'
import { filterBy, makeTestCaller } from './test-caller.ts'

let workbooks: SimulatedWorkbooks
let caller: ReturnType<typeof makeTestCaller>
let now = Date.UTC(2025, 5, 2, 9, 15, 0)

const organisations = 'crm/organisations'

beforeEach(async () => {
  workbooks = await openSimulatedWorkbooks({ now: () => now })
  caller = makeTestCaller(workbooks)
})
afterEach(() => workbooks.close())

const createAcme = async (): Promise<readonly [unknown, unknown]> => {
  const { body } = await caller.create(organisations, { name: 'Acme Ltd' })
  const [row] = body.affected_objects ?? []
  return [row?.['id'], row?.['lock_version']]
}

test('a create returns all columns, and the application that made it (5.2, 7.1)', async () => {
  const { body } = await caller.create(organisations, {
    name: 'Acme Ltd',
    created_through_reference: 'outreach:account:77',
    'main_location[town]': 'Reading',
  })
  expect(body).toMatchObject({
    success: true,
    affected_objects: [
      {
        id: 226,
        lock_version: 0,
        name: 'Acme Ltd',
        type: 'Private::Crm::Organisation',
        'main_location[town]': 'Reading',
        created_through: 'test-caller',
        created_through_reference: 'outreach:account:77',
      },
    ],
    affected_object_information: [{ success: true, errors: {}, warnings: {} }],
  })
  expect(Object.keys(body.affected_objects?.[0] ?? {}).length).toBeGreaterThan(70)
})

test('an update returns what changed, and a repeat of it moves nothing (5.3)', async () => {
  const [id] = await createAcme()
  now += 60_000
  const changed = await caller.update(organisations, [id, 0], {
    name: 'Acme Limited',
    industry: ':no_value:',
    'main_location[postcode]': ':null_value:',
  })
  expect(changed.body.affected_objects).toEqual([
    {
      id,
      lock_version: 1,
      name: 'Acme Limited',
      descriptor: 'Acme Limited',
      updated_at: 'Mon Jun 02 09:16:00 UTC 2025',
    },
  ])
  now += 60_000
  const same = await caller.update(organisations, [id, 1], { name: 'Acme Limited', industry: '' })
  expect(same.body.affected_objects).toEqual([{ id, lock_version: 1 }])
  const { updated_at } = workbooks.person.read('organisations', Number(id)) ?? {}
  expect(updated_at).toBe('Mon Jun 02 09:16:00 UTC 2025')
})

test('a write by another user makes the version stale, with HTTP 200 (5.6)', async () => {
  const [id] = await createAcme()
  workbooks.person.update('organisations', Number(id), { industry: 'Food' })
  const { status, body } = await caller.update(organisations, [id, 0], { name: 'Late' })
  expect(status).toBe(200)
  expect(body.success).toBe(false)
  expect(body.failures?.[0]).toContain('already been updated elsewhere')
  expect(workbooks.person.read('organisations', Number(id))?.['name']).toBe('Acme Ltd')
})

const mixed = (id: unknown) =>
  [
    ...filterBy('id', 'eq', `${String(id)},0`),
    ...['PUT', 'POST'].map((method) => ['__method[]', method] as const),
    ...[String(id), '0'].map((one) => ['id[]', one] as const),
    ...['0', '0'].map((version) => ['lock_version[]', version] as const),
    ...['New name', ''].map((name) => ['name[]', name] as const),
  ] as const

test('one bad row undoes the whole request, unless rows are on their own (5.5)', async () => {
  const [id] = await createAcme()
  const together = await caller.put(organisations, mixed(id))
  expect(together.body).toMatchObject({
    success: false,
    errors: { '[]': { name: "can't be blank" } },
    affected_object_errors: [{}, { name: ["can't be blank"] }],
  })
  expect(workbooks.person.read('organisations', Number(id))?.['name']).toBe('Acme Ltd')
  const alone = await caller.put(organisations, [
    ['_per_object_transactions', 'true'],
    ...mixed(id),
  ])
  expect(alone.body).toMatchObject({
    success: true,
    affected_objects: [{ id, lock_version: 1 }, { id: 0 }],
    affected_object_information: [
      { success: true },
      { success: false, errors: { name: ["can't be blank"] } },
    ],
  })
})

test('a delete repeats the version, hides the row and moves its time (5.4, 3.4)', async () => {
  const [id] = await createAcme()
  now += 60_000
  const { body } = await caller.put(organisations, [
    ...filterBy('id', 'eq', String(id)),
    ['__method[]', 'DELETE'],
    ['id[]', String(id)],
    ['lock_version[]', '0'],
  ])
  expect(body.affected_objects).toEqual([{ id, lock_version: 0 }])
  const gone = await caller.list(organisations, filterBy('is_deleted', 'true', ''))
  expect(gone.body.data?.[0]).toMatchObject({
    id,
    is_deleted: true,
    updated_at: workbooks.person.read('organisations', Number(id))?.['updated_at'],
  })
})

test('a missing filter, a crooked array and 101 rows are 406 (5.1, 13.5)', async () => {
  const [id] = await createAcme()
  const row = [
    ['__method[]', 'PUT'],
    ['id[]', String(id)],
    ['lock_version[]', '0'],
    ['name[]', 'x'],
  ] as const
  expect((await caller.put(organisations, row)).status).toBe(406)
  expect((await caller.put(organisations, [...row, ['name[]', 'y']])).status).toBe(406)
  const many = Array.from({ length: 101 }).flatMap(() => [
    ['__method[]', 'POST'] as const,
    ['id[]', '0'] as const,
    ['name[]', 'x'] as const,
  ])
  expect((await caller.put(organisations, many)).status).toBe(406)
})

test('a row outside the working set is not accessible (5.1)', async () => {
  const [id] = await createAcme()
  const { body } = await caller.put(organisations, [
    ...filterBy('id', 'eq', '9999'),
    ['__method[]', 'PUT'],
    ['id[]', String(id)],
    ['lock_version[]', '0'],
    ['name[]', 'x'],
  ])
  expect(body.success).toBe(false)
})

test('unknown names are errors only where strict checking is asked for (1)', async () => {
  const [id] = await createAcme()
  const lax = await caller.update(organisations, [id, 0], { nome: 'x' })
  expect(lax.body.affected_objects).toEqual([{ id, lock_version: 0 }])
  const strict = await caller.put(organisations, [
    ['_strict_attribute_checking', 'true'],
    ...filterBy('id', 'eq', String(id)),
    ['__method[]', 'PUT'],
    ['id[]', String(id)],
    ['lock_version[]', '0'],
    ['nome[]', 'x'],
  ])
  expect(strict.body.success).toBe(false)
})

test('an employer is linked by id and read by name, and must exist (7.3)', async () => {
  const [id] = await createAcme()
  const person = await caller.create('crm/people', { name: 'Ann', employer_link: String(id) })
  expect(person.body.affected_objects?.[0]).toMatchObject({
    employer_link: id,
    employer_name: 'Acme Ltd',
    descriptor: 'Ann (Acme Ltd)',
  })
  const found = await caller.list('crm/people', filterBy('employer[name]', 'eq', 'acme ltd'))
  expect(found.body.total).toBe(1)
  const bad = await caller.create('crm/people', { name: 'Bob', employer_link: '4711' })
  expect(bad.body.success).toBe(false)
})

test('line items drive the value of an opportunity and touch it (7.4)', async () => {
  const { body } = await caller.create('crm/opportunities', {
    description: 'Big deal',
    probability: '50',
    'opportunity_stage[name]': 'Proposal',
    document_date: '2 May 2026',
  })
  const [header] = body.affected_objects ?? []
  expect(header).toMatchObject({ lock_version: 1, document_date: ' 2 May 2026' })
  await caller.create('crm/opportunity_line_items', {
    document_header_id: String(header?.['id']),
    unit_quantity: '3',
    document_currency_unit_price_value: '100 GBP 0',
  })
  const read = await caller.list('crm/opportunities')
  expect(read.body.data?.[0]).toMatchObject({
    lock_version: 2,
    document_currency_net_value: '300.00 GBP 3',
    document_currency_weighted_value: '150.00 GBP 3',
    'opportunity_stage[name]': 'Proposal',
  })
})

test('contacts of an opportunity are two parallel arrays, written as text (7.4)', async () => {
  const [organisation] = await createAcme()
  const { body } = await caller.create('crm/opportunities', {
    description: 'Deal',
    opportunity_contact_ids: `[${String(organisation)}]`,
    opportunity_contact_roles: '[Partner]',
  })
  expect(body.affected_objects?.[0]).toMatchObject({
    opportunity_contact_ids: [organisation],
    opportunity_contact_roles: ['Partner'],
  })
})

test('a date without a time gets the preferred one, and an all-day task loses its times (7.5)', async () => {
  const due = await caller.create('activity/tasks', { name: 'Call', due_date: '31 Dec 2029' })
  expect(due.body.affected_objects?.[0]).toMatchObject({
    due: '2029-12-31,0,Europe/London',
    due_datetime: 'Mon Dec 31 17:00:00 UTC 2029',
    scheduled_start_date: '31 Dec 2029',
  })
  const allDay = await caller.create('activity/tasks', {
    name: 'Trip',
    due: '2023-06-26 10:00',
    all_day: 'true',
  })
  expect(allDay.body.affected_objects?.[0]?.['due']).toBe('2023-06-26,0,Europe/London')
})

test('notes go with their organisation (5.4)', async () => {
  const [id] = await createAcme()
  const note = { resource_id: String(id), resource_type: 'Private::Crm::Organisation', text: '🎂' }
  expect((await caller.create('notes', note)).body.affected_objects?.[0]?.['text']).toBe('🎂')
  workbooks.person.remove('organisations', Number(id))
  expect((await caller.list('notes')).body.total).toBe(0)
})

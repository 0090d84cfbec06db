import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Fault } from './faults.ts'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'
import type { SimulatedWorkbooks } from './simulated-workbooks.ts'
import { filterBy, makeTestCaller } from './test-caller.ts'
import type { Answered, Entries } from './test-caller.ts'

let workbooks: SimulatedWorkbooks
let caller: ReturnType<typeof makeTestCaller>

beforeEach(async () => {
  workbooks = await openSimulatedWorkbooks()
  caller = makeTestCaller(workbooks)
})
afterEach(() => workbooks.close())

const failOnce = (fault: Fault): void => workbooks.faults.set({ failNext: [fault] })

const names = (): readonly unknown[] =>
  workbooks.person.list('organisations').map(({ name }) => name)

test('one answer fails, the next does not, and other paths never do (13.8)', async () => {
  failOnce({ path: '^crm/organisations$', write: false, how: '500' })
  expect((await caller.list('crm/people')).status).toBe(200)
  const failed = await caller.list('crm/organisations')
  expect([failed.status, failed.headers.get('content-type')]).toEqual([
    500,
    'text/html; charset=utf-8',
  ])
  expect((await caller.list('crm/organisations')).status).toBe(200)
})

test('credentials can end, and the database be migrated, in mid-run (13.8)', async () => {
  workbooks.faults.set({ failNext: [{ how: '401' }, { how: '403' }, { how: 'dead-session' }] })
  const answers = [
    await caller.list('crm/people'),
    await caller.list('crm/people'),
    await caller.list('crm/people'),
  ]
  expect(answers.map(({ status, body }) => [status, body.failure_reason])).toEqual([
    [401, 'session_expired'],
    [403, 'database_being_migrated'],
    [302, undefined],
  ])
})

test('a connection that drops before the commit leaves nothing, after it everything (13.8)', async () => {
  failOnce({ how: 'reset-before', write: true })
  await expect(caller.create('crm/organisations', { name: 'Never' })).rejects.toThrow()
  expect(names()).toEqual([])
  failOnce({ how: 'reset-after-commit', write: true })
  await expect(caller.create('crm/organisations', { name: 'Kept' })).rejects.toThrow()
  expect(names()).toEqual(['Kept'])
})

const creation: Entries = [
  ['_method', 'PUT'],
  ['__method[]', 'POST'],
  ['id[]', '0'],
  ['lock_version[]', '0'],
  ['name[]', 'Patient Ltd'],
]

const follow = async (withBody: boolean): Promise<Answered & { readonly hops: number }> => {
  const entries: Entries = [['api_key', workbooks.apiKey], ...creation]
  let answered = await caller.post('crm/organisations.api', entries)
  let hops = 0
  while (answered.status === 302) {
    hops += 1
    const path = (answered.headers.get('location') ?? '').slice(1)
    if (withBody) answered = await caller.post(path, entries)
    else {
      const response = await fetch(`${workbooks.url}/${path}`, {
        redirect: 'manual',
        headers: { 'user-agent': 'x' },
      })
      answered = { ...answered, status: response.status, headers: response.headers }
      await response.arrayBuffer()
    }
  }
  return { ...answered, hops }
}

test('a delay leads over its hops and back, and the request is carried out once (11, 13.8)', async () => {
  failOnce({ how: 'delay', hops: 3, ms: 1 })
  const answered = await follow(false)
  expect([answered.status, answered.hops]).toEqual([200, 4])
  expect(names()).toEqual(['Patient Ltd'])
})

test('where the delay drops the body, only a caller who sends it again is served (13.8)', async () => {
  failOnce({ how: 'delay-dropping-body', ms: 1 })
  expect((await follow(false)).status).toBe(401)
  expect(names()).toEqual([])
  failOnce({ how: 'delay-dropping-body', ms: 1 })
  expect((await follow(true)).status).toBe(200)
  expect(names()).toEqual(['Patient Ltd'])
})

test('while unavailable no connection holds, and everything works afterwards', async () => {
  workbooks.faults.set({ unavailable: true })
  await expect(caller.list('crm/people')).rejects.toThrow()
  workbooks.faults.set({ unavailable: '403' })
  expect((await caller.list('crm/people')).status).toBe(403)
  workbooks.faults.clear()
  expect((await caller.list('crm/people')).status).toBe(200)
})

test('calls and the rows that they wrote are counted', async () => {
  await caller.create('crm/organisations', { name: 'Acme' })
  await caller.update('crm/organisations', [226, 0], { name: 'Acme' })
  await caller.list('crm/organisations')
  expect(workbooks.calls.counts()).toEqual({
    'write crm/organisations': 2,
    'rows crm/organisations': 2,
    'changed crm/organisations': 1,
    'read crm/organisations': 1,
  })
})

const control = async (
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> => {
  const response = await fetch(`${workbooks.url}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

test('a person works through /_sandbox/ without a key', async () => {
  const created = await control('POST', 'organisations', {
    columns: { name: 'Acme', cf_organisation_sync_to_outreach: true },
  })
  expect(created).toMatchObject({
    status: 201,
    body: { id: 226, lock_version: 0, cf_organisation_sync_to_outreach: true },
  })
  const moved = await control('PATCH', 'organisations/226', {
    columns: { 'queue_entry[queue[name]]': 'Ben Booth' },
  })
  expect(moved.body).toMatchObject({ lock_version: 1, 'queue_entry[queue[name]]': 'Ben Booth' })
  const refused = await control('PATCH', 'organisations/226', { columns: { nome: 'x' } })
  expect(refused).toEqual({
    status: 422,
    body: { error: 'nome is not an attribute of this record' },
  })
  expect((await control('DELETE', 'organisations/226')).body).toMatchObject({ is_deleted: true })
  expect((await control('GET', 'organisations/999')).status).toBe(404)
  const deal = await control('POST', 'opportunities', {
    columns: { description: 'Deal', document_currency_net_value: '250 GBP' },
  })
  expect(deal.body).toMatchObject({ document_currency_net_value: '250.00 GBP 3' })
})

test('faults and calls are set and read through /_sandbox/', async () => {
  await control('PUT', 'faults', { failNext: [{ path: 'crm/people', how: '500', count: 2 }] })
  expect((await caller.list('crm/people')).status).toBe(500)
  expect((await control('GET', 'faults')).body).toMatchObject({ failNext: [{ count: 1 }] })
  const bad = await control('PUT', 'faults', { failNext: [{ how: 'explode' }] })
  expect(bad.status).toBe(422)
  expect((await control('GET', 'calls')).body).toMatchObject({ counts: { 'read crm/people': 1 } })
  await control('DELETE', 'calls')
  expect((await control('GET', 'calls')).body).toMatchObject({ counts: {} })
})

test('a fault can wait for what is asked', async () => {
  failOnce({ how: '500', asks: '_ff\\[\\]=updated_at' })
  expect((await caller.list('crm/people')).status).toBe(200)
  const asked = filterBy('updated_at', 'ge', '1')
  expect((await caller.list('crm/people', asked)).status).toBe(500)
  expect((await caller.list('crm/people', asked)).status).toBe(200)
})

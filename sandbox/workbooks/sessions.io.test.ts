import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'
import type { SimulatedWorkbooks } from './simulated-workbooks.ts'
import { filterBy, makeTestCaller } from './test-caller.ts'
import type { Answered } from './test-caller.ts'

let workbooks: SimulatedWorkbooks
let caller: ReturnType<typeof makeTestCaller>
let now = Date.UTC(2025, 5, 2)

beforeEach(async () => {
  workbooks = await openSimulatedWorkbooks({
    now: () => now,
    behaviour: { rotateCookieEvery: 2 },
  })
  caller = makeTestCaller(workbooks)
})
afterEach(() => workbooks.close())

const login = (more: readonly (readonly [string, string])[] = []): Promise<Answered> =>
  caller.post('login.api', [
    ['client', 'api'],
    ['api_version', '1'],
    ['api_key', workbooks.apiKey],
    ...more,
  ])

const cookieOf = (answered: Answered): string =>
  (answered.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

const newRow = [
  ['_method', 'PUT'],
  ...filterBy('id', 'eq', '0'),
  ['__method[]', 'POST'],
  ['id[]', '0'],
  ['lock_version[]', '0'],
  ['name[]', 'Acme'],
] as const

test('a login answers with a session, a token, the user and the queues (2.3)', async () => {
  const { status, body, headers } = await login()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    login_name: 'sync@example.com',
    my_queues: { 'Private::Crm::PersonQueue': 8, 'Private::Activity::ActivityQueue': 38 },
  })
  expect(body.authenticity_token).toMatch(/^[0-9a-f]{40}$/)
  expect(headers.get('set-cookie')).toMatch(/^Workbooks-Session=[0-9a-f]{32}; path=\//)
  expect((await login([['_fast_login', 'true']])).text).not.toContain('my_queues')
})

test('a session writes only with its token, a key without any (2.2)', async () => {
  const first = await login([['_application_name', 'anchors']])
  const cookie = cookieOf(first)
  expect((await caller.post('crm/organisations.api', newRow, { cookie })).status).toBe(406)
  const token = ['_authenticity_token', first.body.authenticity_token ?? ''] as const
  const written = await caller.post('crm/organisations.api', [token, ...newRow], { cookie })
  expect(written.body.affected_objects?.[0]?.['created_through']).toBe('anchors')
})

test('cookies rotate, and the newest keeps working (2.3)', async () => {
  const seen = new Set<string>()
  let cookie = cookieOf(await login())
  for (let at = 0; at < 9; at += 1) {
    const read = await caller.post('crm/people.api', [['_method', 'GET']], { cookie })
    expect(read.status).toBe(200)
    cookie = cookieOf(read)
    seen.add(cookie)
  }
  expect(seen.size).toBeGreaterThan(3)
})

test('a dead session is sent to the login page with 302, and so is a logout (2.5)', async () => {
  const cookie = cookieOf(await login())
  const out = await caller.post('logout', [], { cookie })
  expect(out.status).toBe(302)
  const dead = await caller.post('crm/people.api', [['_method', 'GET']], { cookie })
  expect([dead.status, dead.headers.get('location')]).toEqual([302, '/login'])
  const idle = cookieOf(await login())
  now += 9 * 3600 * 1000
  const late = await caller.post('crm/people.api', [['_method', 'GET']], { cookie: idle })
  expect(late.status).toBe(302)
})

test('failures at login name their reason, with its status (2.4)', async () => {
  const wrong = await caller.post('login.api', [
    ['client', 'api'],
    ['api_key', 'wrong'],
  ])
  expect([wrong.status, wrong.body.failure_reason]).toEqual([401, 'unrecognised_name_or_password'])
  const other = await login([['logical_database_id', '7']])
  expect([other.status, other.body.failure_reason]).toEqual([
    403,
    'requested_database_not_available',
  ])
  workbooks.faults.set({ refuseLogins: 'no_database_selection_made' })
  const open = await login()
  expect([open.status, open.text.includes('default_database_id')]).toEqual([403, true])
})

test('no credentials are 401, a wrong key too, and no User-Agent is 403 (2.4, 1)', async () => {
  expect((await caller.post('crm/people.api', [['_method', 'GET']])).status).toBe(401)
  const wrong = await caller.post('crm/people.api', [
    ['_method', 'GET'],
    ['api_key', 'wrong'],
  ])
  expect(wrong.status).toBe(401)
  const nameless = await fetch(`${workbooks.url}/crm/people.api?api_key=${workbooks.apiKey}`, {
    headers: { 'user-agent': '' },
  })
  expect(nameless.status).toBe(403)
})

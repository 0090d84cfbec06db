import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'vitest'
import { CallFailed, SetupFault, SystemAway } from '../errors.ts'
import { makeHttpCall } from '../http/make-http-call.ts'
import { answer, openScriptedServer, type SeenRequest } from '../http/open-scripted-server.ts'
import { makeSystemGate } from '../make-system-gate.ts'
import { makeWorkbooksClient } from './make-workbooks-client.ts'
import type { WorkbooksWrite } from './workbooks-client.ts'

const live = { lane: 'live' } as const
const controller = 'crm/organisations'

function aClient(apiUrl: string) {
  const parts = {
    system: 'workbooks' as const,
    now: Date.now,
    wait: (ms: number, signal?: AbortSignal) => wait(ms, undefined, { signal }),
  }
  const gate = makeSystemGate({
    ...parts,
    maxConcurrent: 5,
    signals: { gateChanged: () => undefined },
  })
  const http = makeHttpCall({ ...parts, gate, signals: { called: () => undefined } })
  const client = makeWorkbooksClient({
    apiUrl,
    apiKey: 'aaaaa-key',
    version: '0.1.0',
    http,
    now: Date.now,
  })
  return { client, gate }
}

const formOf = ({ body }: SeenRequest) => new URLSearchParams(body)
const update = (id: number): WorkbooksWrite => ({
  kind: 'update',
  id: String(id),
  lockVersion: 1,
  columns: { name: `Name ${id}` },
})
const create = (name: string): WorkbooksWrite => ({ kind: 'create', columns: { name } })
const rowsOf = (request: SeenRequest) => formOf(request).getAll('id[]')
const good = { success: true, errors: {}, warnings: {} }
const saved = (request: SeenRequest) => ({
  success: true,
  affected_objects: rowsOf(request).map((id, at) => ({
    id: id === '0' ? 1_000 + at : Number(id),
    lock_version: 2,
  })),
  affected_object_information: rowsOf(request).map(() => good),
})

test('a read is a POST in the form of the PHP client, with the key in its body only', async () => {
  await using server = await openScriptedServer((_, response) =>
    answer(response, {
      body: {
        success: true,
        data: [
          { id: 226, lock_version: 7, is_deleted: false, 'main_location[town]': 'Reading' },
          { id: 227, lock_version: '2', is_deleted: true },
          { id: 999, lock_version: 1 },
        ],
        total: 2,
      },
    }),
  )
  const { client } = aClient(`${server.url}/`)
  const what = { ids: ['226', '227', '228', '226'], columns: ['main_location[town]'] }
  const found = await client.readMany(controller, what, live)
  assert.deepEqual(
    [...found].map(([id, { kind }]) => `${id} ${kind}`),
    ['226 here', '227 here', '228 unseen'],
  )
  const deleted = found.get('227')
  assert.ok(deleted?.kind === 'here')
  assert.equal(deleted.record.isDeleted, true)
  assert.equal(deleted.record.lockVersion, 2)

  const [request] = server.seen
  assert.ok(request !== undefined)
  assert.match(request.url, /^\/crm\/organisations\.api\?_dc=\d+$/)
  assert.equal(request.method, 'POST')
  assert.equal(request.headers['user-agent'], 'workbooks-outreach-gateway/0.1.0')
  assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded')
  const form = formOf(request)
  const one = (name: string) => form.get(name)
  assert.deepEqual(
    ['_method', 'client', 'api_key', '_api_version', '_strict_attribute_checking', '_fm'].map(one),
    ['GET', 'api', 'aaaaa-key', '1', 'true', '1 AND (2 OR 3)'],
  )
  assert.deepEqual(form.getAll('_fc[]'), ['226,227,228', '', ''])
})

test('250 ids are three reads, and a search goes on to the last page', async () => {
  await using server = await openScriptedServer((request, response) => {
    const start = Number(formOf(request).get('_start'))
    const rows = Math.min(100, 250 - start)
    const data = Array.from({ length: rows }, (_, at) => ({ id: start + at + 1, lock_version: 0 }))
    answer(response, { body: { success: true, data } })
  })
  const { client } = aClient(server.url)
  const all = await client.search(controller, { columns: ['name'], filters: [] }, live)
  assert.equal(all.length, 250)
  assert.deepEqual(
    server.seen.map((request) => formOf(request).get('_start')),
    ['0', '100', '200'],
  )
  const ids = Array.from({ length: 250 }, (_, at) => String(at + 1))
  await client.readMany(controller, { ids, columns: [] }, live)
  assert.equal(server.seen.length, 6)
  const filters = [{ field: 'cf_outreach_id', type: 'eq', value: ids }]
  await client.search(controller, { columns: [], filters, limit: 200 }, live)
  const lists = server.seen
    .slice(6)
    .map((request) => formOf(request).get('_fc[]')?.split(',').length)
  assert.deepEqual(new Set(lists), new Set([100, 50]))
})

// prettier-ignore
const reads = [
  { says: 'no rows', reply: { body: { success: true, data: [], total: 0 } }, rows: 0 },
  { says: 'null', reply: { body: { success: true, data: null } }, rows: 0 },
  { says: 'one object', reply: { body: { success: true, data: { id: 5, lock_version: 1 } } }, rows: 1 },
]

test.each(reads)('a read answered with $says is a list', async ({ reply, rows }) => {
  await using server = await openScriptedServer((_, response) => answer(response, reply))
  const { client } = aClient(server.url)
  assert.equal((await client.page(controller, { columns: [], filters: [] }, live)).length, rows)
})

// prettier-ignore
const badReads = [
  { says: 'an error inside a 200', reply: { body: { success: false, errors: { base: ['unknown column'] } } }, error: SetupFault },
  { says: 'an unknown object', reply: { body: {} }, error: CallFailed },
  { says: 'a page', reply: { body: '<html>log in</html>' }, error: SystemAway },
  { says: 'nothing', reply: {}, error: SystemAway },
  { says: 'a 500', reply: { status: 500, body: '<html>' }, error: CallFailed },
  { says: 'a wrong key', reply: { status: 401, body: { failure_reason: 'unrecognised_name_or_password' } }, error: SetupFault },
  { says: 'a database on the move', reply: { status: 403, body: { failure_reason: 'database_being_migrated' } }, error: SystemAway },
]

test.each(badReads)('a read answered with $says is no empty list', async ({ reply, error }) => {
  await using server = await openScriptedServer((_, response) => answer(response, reply))
  const { client } = aClient(server.url)
  await assert.rejects(client.page(controller, { columns: [], filters: [] }, live), error)
})

test('230 rows are three writes, answered in their order', async () => {
  await using server = await openScriptedServer((request, response) =>
    answer(response, { body: saved(request) }),
  )
  const rows = Array.from({ length: 230 }, (_, at) => update(at + 1))
  const answers = await aClient(server.url).client.write(controller, rows, live)
  assert.deepEqual(
    answers.map((one) => (one.kind === 'written' ? one.id : one.kind)),
    rows.map((row) => (row.kind === 'update' ? row.id : '')),
  )
  assert.deepEqual(
    server.seen.map((request) => rowsOf(request).length),
    [100, 100, 30],
  )
  assert.equal(server.seen[0]?.body.startsWith('_method=PUT&'), true)
})

test('a request that failed as a whole is asked again row by row, creates excepted', async () => {
  await using server = await openScriptedServer((request, response) => {
    const [first, ...others] = rowsOf(request)
    if (others.length > 0) answer(response, { body: { success: false, failures: ['no'] } })
    else if (first === '2')
      answer(response, {
        body: { success: false, failures: ['has already been updated elsewhere.'] },
      })
    else answer(response, { body: saved(request) })
  })
  const rows = [update(1), create('Acme'), update(2)]
  const answers = await aClient(server.url).client.write(controller, rows, live)
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['written', 'unanswered', 'stale'],
  )
  assert.equal(server.seen.length, 3)
})

test('a 406 was carried out for nobody: each row is asked alone and shows whether it is the one', async () => {
  await using server = await openScriptedServer((request, response) => {
    const names = formOf(request).getAll('name[]')
    if (names.includes('bad')) answer(response, { status: 406, body: { errors: ['not suitable'] } })
    else answer(response, { body: saved(request) })
  })
  const rows = [create('good'), create('bad')]
  const answers = await aClient(server.url).client.write(controller, rows, live)
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['written', 'refused'],
  )
})

const elsewhere = 'This record cannot be saved since it has already been updated elsewhere.'
// prettier-ignore
const refusedWrites = [
  { says: 'a 406 with a conflict', reply: { status: 406, body: { flash: elsewhere } }, kind: 'stale' },
  { says: 'a 409 with a conflict', reply: { status: 409, body: { failures: [elsewhere] } }, kind: 'stale' },
  { says: 'a 409 in plain text', reply: { status: 409, body: `<p>${elsewhere}</p>` }, kind: 'stale' },
  { says: 'a 422 with a conflict', reply: { status: 422, body: { failure_reason: 'x', failure_message: elsewhere } }, kind: 'stale' },
  { says: 'a 409 about something else', reply: { status: 409, body: { errors: ['in use'] } }, kind: 'refused' },
  { says: 'a 422', reply: { status: 422, body: { errors: { name: ['is odd'] } } }, kind: 'refused' },
]

test.each(refusedWrites)('a write answered with $says is $kind', async ({ reply, kind }) => {
  await using server = await openScriptedServer((_, response) => answer(response, reply))
  const answers = await aClient(server.url).client.write(controller, [update(1)], live)
  assert.deepEqual(
    answers.map((one) => one.kind),
    [kind],
  )
})

// prettier-ignore
const lostWrites = [
  { says: 'a 500', reply: { status: 500, body: '<html>' } },
  { says: 'a 503 that asks to wait', reply: { status: 503, headers: { 'retry-after': '1' } } },
  { says: 'a page', reply: { body: '<html>' } },
]

test.each(lostWrites)(
  'a write answered with $says is unanswered, row by row',
  async ({ reply }) => {
    await using server = await openScriptedServer((_, response) => answer(response, reply))
    const answers = await aClient(server.url).client.write(
      controller,
      [update(1), create('x')],
      live,
    )
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ['unanswered', 'unanswered'],
    )
    assert.equal(server.seen.length, 1)
  },
)

test('a connection that breaks after the commit leaves the rows unanswered', async () => {
  await using server = await openScriptedServer((_, response) => response.destroy())
  const answers = await aClient(server.url).client.write(controller, [create('x')], live)
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['unanswered'],
  )
  assert.equal(server.seen.length, 1)
})

test('where the first request was turned away it throws, where a later one was it tells', async () => {
  await using server = await openScriptedServer((request, response, at) => {
    if (at === 1) answer(response, { body: saved(request) })
    else answer(response, { status: 403, body: { failure_reason: 'database_being_migrated' } })
  })
  const rows = Array.from({ length: 101 }, (_, at) => update(at + 1))
  const { client } = aClient(server.url)
  await assert.rejects(client.write(controller, rows, live), SystemAway)
  const other = aClient(server.url).client
  const answers = await other.write(controller, rows, live)
  assert.deepEqual(
    answers.slice(99).map(({ kind }) => kind),
    ['written', 'unanswered'],
  )
})

test('a delayed write arrives whole', async () => {
  await using server = await openScriptedServer((request, response) => {
    if (request.url.startsWith('/delay/2')) answer(response, { body: saved(request) })
    else {
      const location = request.url.startsWith('/delay') ? '/delay/2' : '/delay/1'
      answer(response, { status: 302, headers: { location }, body: '<html>' })
    }
  })
  const answers = await aClient(server.url).client.write(controller, [update(1)], live)
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['written'],
  )
  assert.equal(server.seen[0]?.body, server.seen[2]?.body)
})

test('columns are known from the metadata, or not at all', async () => {
  let fields: unknown = [
    { name: 'name', datatype: 'string', is_updateable: true, is_createable: true },
    { name: 'id', datatype: 'integer', is_updateable: false, is_createable: 'false' },
  ]
  await using server = await openScriptedServer((_, response) => {
    const data = [{ class_name: 'Private::Crm::Organisation', fields }]
    if (fields === undefined) answer(response, { status: 404 })
    else answer(response, { body: { success: true, data } })
  })
  const { client } = aClient(server.url)
  const known = await client.metadata('Private::Crm::Organisation', live)
  assert.deepEqual(known?.get('id'), {
    name: 'id',
    datatype: 'integer',
    isUpdateable: false,
    isCreateable: false,
  })
  assert.equal(server.seen[0]?.url.startsWith('/metadata/types.api?_dc='), true)
  fields = undefined
  assert.equal(await client.metadata('Private::Crm::Organisation', live), undefined)
})

// prettier-ignore
const unreadable = [
  { says: 'no JSON', reply: { body: '<html>' } },
  { says: 'a 404', reply: { status: 404 } },
  { says: 'a 500', reply: { status: 500, body: '<html>' } },
  { says: 'a 501', reply: { status: 501 } },
  { says: 'no success', reply: { body: { success: false, errors: { base: ['no such class'] } } } },
  { says: 'another class', reply: { body: [{ class_name: 'Other', fields: [{ name: 'x' }] }] } },
]

test.each(unreadable)(
  'metadata answered with $says is not known, and the circuit stays closed',
  async ({ reply }) => {
    await using server = await openScriptedServer((_, response) => answer(response, reply))
    const { client, gate } = aClient(server.url)
    for (let times = 0; times < 12; times += 1) {
      assert.equal(await client.metadata('Private::Crm::Organisation', live), undefined)
    }
    assert.equal(gate.status().circuit, 'closed')
  },
)

// prettier-ignore
const aways = [
  { says: 'a 429', reply: { status: 429, headers: { 'retry-after': '30' } }, error: SystemAway },
  { says: 'a redirect to nowhere', reply: { status: 302 }, error: SystemAway },
  { says: 'a wrong key', reply: { status: 401, body: {} }, error: SetupFault },
  { says: 'a database on the move', reply: { status: 403, body: { failure_reason: 'database_being_migrated' } }, error: SystemAway },
]

test.each(aways)('metadata answered with $says is asked for later', async ({ reply, error }) => {
  await using server = await openScriptedServer((_, response) => answer(response, reply))
  const { client } = aClient(server.url)
  await assert.rejects(client.metadata('Private::Crm::Organisation', live), error)
})

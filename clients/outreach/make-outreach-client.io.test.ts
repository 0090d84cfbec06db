import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'vitest'
import { CallFailed, RecordGone, Refused, SystemAway, TooLate, UnknownAnswer } from '../errors.ts'
import { makeHttpCall } from '../http/make-http-call.ts'
import { answer, openScriptedServer, type SeenRequest } from '../http/open-scripted-server.ts'
import { makeSystemGate } from '../make-system-gate.ts'
import type { AccessTokens } from './access-tokens.ts'
import { makeOutreachClient } from './make-outreach-client.ts'
import { makeFixedToken } from './tokens/make-fixed-token.ts'

const live = { lane: 'live' } as const

function aClient(apiUrl: string, tokens: AccessTokens = makeFixedToken('token-1')) {
  const parts = {
    system: 'outreach' as const,
    now: Date.now,
    wait: (ms: number, signal?: AbortSignal) => wait(ms, undefined, { signal }),
  }
  const gate = makeSystemGate({
    ...parts,
    maxConcurrent: 10,
    callsPerHour: 10_000,
    signals: { gateChanged: () => undefined },
  })
  const http = makeHttpCall({ ...parts, gate, signals: { called: () => undefined } })
  return { client: makeOutreachClient({ apiUrl, http, gate, tokens }), gate }
}

const account = (id: number, name = `Account ${id}`) => ({
  type: 'account',
  id,
  attributes: { name },
  relationships: { owner: { data: { type: 'user', id: 31 } } },
})
const missing = (id: string) => ({
  errors: [{ id: 'resourceNotFound', detail: `Could not find 'account' with ID '${id}'.` }],
})
const queryOf = ({ url }: SeenRequest) => new URL(url, 'http://x').searchParams
const pathOf = ({ url }: SeenRequest) => new URL(url, 'http://x').pathname

test('many are read by one list, unnamed ones by a second, and each that no list shows by its own GET', async () => {
  await using server = await openScriptedServer((request, response) => {
    const ids = (queryOf(request).get('filter[id]') ?? '').split(',').map(Number)
    const isUnnamed = queryOf(request).get('filter[named]') === 'false'
    if (pathOf(request) === '/api/v2/accounts') {
      const shown = ids.filter((id) => (isUnnamed ? id === 3 : id === 1 || id === 2))
      answer(response, { body: { data: [...shown, 99].map((id) => account(id)) } })
    } else if (pathOf(request) === '/api/v2/accounts/4') {
      answer(response, { status: 404, body: missing('4') })
    } else {
      answer(response, { status: 403, body: { errors: [{ id: 'unauthorizedRequest' }] } })
    }
  })
  const before = Date.now()
  const found = await aClient(server.url).client.readMany(
    'account',
    ['1', '2', '3', '4', '5'],
    live,
  )
  assert.deepEqual(
    ['1', '2', '3', '4', '5', '99'].map((id) => found.get(id)?.kind),
    ['here', 'here', 'here', 'gone', 'unseen', undefined],
  )
  const first = found.get('1')
  assert.ok(first?.kind === 'here')
  assert.deepEqual(first.record.links, { owner: '31' })
  assert.ok(first.record.readAt >= before && first.record.readAt <= Date.now())
  assert.equal(server.seen.length, 4)
})

test('250 ids are three lists', async () => {
  await using server = await openScriptedServer((request, response) => {
    const ids = (queryOf(request).get('filter[id]') ?? '').split(',').map(Number)
    answer(response, { body: { data: ids.map((id) => account(id)) } })
  })
  const ids = Array.from({ length: 250 }, (_, at) => String(at + 1))
  const found = await aClient(server.url).client.readMany('account', ids, live)
  assert.equal(found.size, 250)
  assert.equal(server.seen.length, 3)
  assert.deepEqual(
    server.seen.map((request) => queryOf(request).get('page[size]')),
    ['100', '100', '100'],
  )
})

test('pages are followed as given, but never to another host', async () => {
  await using server = await openScriptedServer((request, response) => {
    const isLast = queryOf(request).get('page[after]') === 'abc='
    const next =
      'https://api.outreach.example/api/v2/accounts?page%5Bafter%5D=abc%3D&page%5Bsize%5D=1'
    answer(response, { body: { data: [account(isLast ? 2 : 1)], links: isLast ? {} : { next } } })
  })
  const records = await aClient(server.url).client.search('account', { size: 1 }, live)
  assert.deepEqual(
    records.map(({ id }) => id),
    ['1', '2'],
  )
  assert.equal(server.seen[1]?.url, '/api/v2/accounts?page%5Bafter%5D=abc%3D&page%5Bsize%5D=1')
})

test('pages that lead in a circle are a failure, not an endless read', async () => {
  await using server = await openScriptedServer((_, response) =>
    answer(response, { body: { data: [], links: { next: '/api/v2/accounts?page%5Bafter%5D=a' } } }),
  )
  await assert.rejects(aClient(server.url).client.search('account', {}, live), CallFailed)
})

test('writes speak JSON:API in both directions', async () => {
  await using server = await openScriptedServer(({ method }, response) => {
    if (method === 'DELETE') answer(response, { status: 204 })
    else answer(response, { status: method === 'POST' ? 201 : 200, body: { data: account(7) } })
  })
  const { client } = aClient(`${server.url}/`)
  const record = { type: 'account', id: '7' }
  await client.create('account', { attributes: { name: 'Acme' } }, live)
  await client.update(
    record,
    { attributes: {}, links: { owner: null } },
    { ...live, notAfter: Date.now() + 5_000 },
  )
  await client.remove(record, live)
  await client.act(
    { type: 'task', id: '5' },
    { name: 'markComplete', params: { note: 'x y' } },
    live,
  )
  assert.deepEqual(
    server.seen.map(({ method, url, body }) => `${method} ${url} ${body}`),
    [
      'POST /api/v2/accounts {"data":{"type":"account","attributes":{"name":"Acme"}}}',
      'PATCH /api/v2/accounts/7 {"data":{"type":"account","id":7,"attributes":{},"relationships":{"owner":{"data":null}}}}',
      'DELETE /api/v2/accounts/7 ',
      'POST /api/v2/tasks/5/actions/markComplete?actionParams%5Bnote%5D=x+y ',
    ],
  )
  for (const { headers } of server.seen) {
    assert.equal(headers['content-type'], 'application/vnd.api+json')
    assert.equal(headers.accept, 'application/vnd.api+json')
    assert.equal(headers.authorization, 'Bearer token-1')
  }
})

test('a write that is too old never leaves', async () => {
  await using server = await openScriptedServer((_, response) => answer(response, { body: {} }))
  const { client } = aClient(server.url)
  const late = { ...live, notAfter: Date.now() - 1 }
  const record = { type: 'account', id: '7' }
  await assert.rejects(client.update(record, { attributes: {} }, late), TooLate)
  await assert.rejects(client.create('account', { attributes: {} }, late), TooLate)
  await assert.rejects(client.remove(record, late), TooLate)
  assert.equal(server.seen.length, 0)
})

test.each([
  { says: 'text', body: 'Invalid access token' },
  { says: 'a gateway', body: { error: 'Invalid JWT token.', description: 'x' } },
  { says: 'an envelope', body: { errors: [{ id: 'expiredAccessToken' }] } },
])('a 401 as $says renews the token once and repeats the call', async ({ body }) => {
  await using server = await openScriptedServer(({ headers }, response) => {
    if (headers.authorization === 'Bearer token-2') answer(response, { body: { data: account(7) } })
    else answer(response, { status: 401, body })
  })
  const renewed: string[] = []
  const tokens: AccessTokens = {
    current: () => Promise.resolve('token-1'),
    renew: (stale) => Promise.resolve(renewed.push(stale)).then(() => 'token-2'),
    canRenew: true,
    isOAuth: true,
  }
  const { client } = aClient(server.url, tokens)
  const record = await client.create('account', { attributes: {} }, live)
  assert.equal(record.id, '7')
  assert.deepEqual(renewed, ['token-1'])
})

test('a token that nobody can renew means that Outreach is away', async () => {
  await using server = await openScriptedServer((_, response) =>
    answer(response, { status: 401, body: 'Invalid access token' }),
  )
  await assert.rejects(aClient(server.url).client.page('account', {}, live), SystemAway)
  assert.equal(server.seen.length, 1)
})

test('a 429 pauses everybody until the moment that it names', async () => {
  await using server = await openScriptedServer((_, response) => {
    const headers = { 'retry-after': String(Math.floor(Date.now() / 1000) + 600) }
    answer(response, { status: 429, headers, body: { errors: [{ id: 'rateLimitExceeded' }] } })
  })
  const { client, gate } = aClient(server.url)
  await assert.rejects(client.page('account', {}, live), SystemAway)
  await assert.rejects(client.page('user', {}, live), SystemAway)
  assert.equal(server.seen.length, 1)
  assert.ok((gate.status().pausedUntil ?? 0) > Date.now() + 590_000)
})

test('a budget with two values is read, and lower lanes leave the rest to live', async () => {
  await using server = await openScriptedServer((_, response) => {
    const headers = {
      'x-ratelimit-limit': '10000',
      'x-ratelimit-remaining': '1999, 19988',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1_800),
    }
    answer(response, { headers, body: { data: [] } })
  })
  const { client } = aClient(server.url)
  await client.page('account', {}, live)
  await client.page('account', {}, live)
  await assert.rejects(client.page('account', {}, { lane: 'backfill' }), SystemAway)
  assert.equal(server.seen.length, 2)
})

test("the offset of Outreach's clock is known from its answers", async () => {
  await using server = await openScriptedServer((_, response) => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    answer(response, { headers: { date }, body: { data: [] } })
  })
  const { client } = aClient(server.url)
  assert.equal(client.clockOffsetMs(), 0)
  await client.page('account', {}, live)
  assert.ok(Math.abs(client.clockOffsetMs() - 3_600_000) < 1_500)
})

// prettier-ignore
const failures = [
  { says: 'a page with 502', reply: { status: 502, body: '<html>' }, create: UnknownAnswer, read: CallFailed },
  { says: 'a page with 200', reply: { status: 200, body: '<html>' }, create: UnknownAnswer, read: CallFailed },
  { says: 'JSON that is no record', reply: { status: 200, body: { ok: true } }, create: UnknownAnswer, read: CallFailed },
  { says: 'a refusal', reply: { status: 422, body: { errors: [{ id: 'validationError' }] } }, create: Refused, read: Error },
]

test.each(failures)('$says means the right thing to each', async ({ reply, create, read }) => {
  await using server = await openScriptedServer((_, response) => answer(response, reply))
  const { client } = aClient(server.url)
  await assert.rejects(client.create('account', { attributes: {} }, live), create)
  await assert.rejects(client.page('account', {}, live), read)
})

test('a PATCH or DELETE of a record that is not there says that it is gone', async () => {
  await using server = await openScriptedServer((_, response) =>
    answer(response, { status: 404, body: missing('7') }),
  )
  const { client } = aClient(server.url)
  await assert.rejects(client.remove({ type: 'account', id: '7' }, live), RecordGone)
})

test('a token that ends under ten calls at once opens no circuit; five refused twice do', async () => {
  await using server = await openScriptedServer(({ headers }, response) => {
    if (headers.authorization === 'Bearer good') answer(response, { body: { data: [] } })
    else answer(response, { status: 401, body: 'Invalid access token' })
  })
  let fresh = 'good'
  const tokens: AccessTokens = {
    current: () => Promise.resolve('old'),
    renew: () => Promise.resolve(fresh),
    canRenew: true,
    isOAuth: true,
  }
  const { client, gate } = aClient(server.url, tokens)
  const tens = Array.from({ length: 10 }, () => client.page('account', {}, live))
  await Promise.all(tens)
  assert.equal(gate.status().circuit, 'closed')
  fresh = 'bad'
  for (let at = 0; at < 5; at += 1) {
    await assert.rejects(client.page('account', {}, live), SystemAway)
  }
  assert.equal(gate.status().circuit, 'open')
})

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'vitest'
import { CallFailed, SystemAway, TooLate, UnknownAnswer } from '../errors.ts'
import { makeSystemGate } from '../make-system-gate.ts'
import type { HttpRequest } from './http-call.ts'
import { makeHttpCall, type Called } from './make-http-call.ts'
import { answer, openScriptedServer } from './open-scripted-server.ts'

const waits = { wait: (ms: number, signal?: AbortSignal) => wait(ms, undefined, { signal }) }

function aCaller(limits: { timeLimitMs?: number; sizeLimitBytes?: number } = {}) {
  const called: Called[] = []
  const gate = makeSystemGate({
    system: 'workbooks',
    now: Date.now,
    ...waits,
    maxConcurrent: 5,
    signals: { gateChanged: () => undefined },
  })
  const http = makeHttpCall({
    system: 'workbooks',
    gate,
    now: Date.now,
    ...waits,
    signals: { called: (call) => called.push(call) },
    ...limits,
  })
  return { http, gate, called }
}

const live = { lane: 'live' } as const

function aRequest(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    what: 'PUT crm/people',
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'name[]=Acme',
    effect: 'write',
    judge: () => ({ kind: 'answered' }),
    ...more,
  }
}

test('connections are kept and used again, and each call is counted', async () => {
  await using server = await openScriptedServer((_, response) => answer(response, { body: {} }))
  const { http, gate, called } = aCaller()
  for (let at = 0; at < 20; at += 1) await http(aRequest(`${server.url}/x`), live)
  // A call that follows at once may find the connection before still closing its books.
  assert.ok(new Set(server.seen.map(({ port }) => port)).size <= 2)
  assert.equal(gate.status().callsThisHour, 20)
  assert.deepEqual(
    called.map(({ what, status }) => `${what} ${status}`).at(-1),
    'PUT crm/people 200',
  )
})

test('a delaying redirect is followed with the same method and body, while everybody else waits', async () => {
  const { http, gate } = aCaller()
  const during: unknown[] = []
  await using server = await openScriptedServer(({ url }, response) => {
    during.push(gate.status().pausedUntil !== null)
    if (url === '/slow/2') answer(response, { body: { success: true, url } })
    else
      answer(response, { status: 302, headers: { location: url === '/x' ? '/slow/1' : '/slow/2' } })
  })
  const got = await http(aRequest(`${server.url}/x`), live)
  assert.deepEqual(got.json, { success: true, url: '/slow/2' })
  assert.deepEqual(
    server.seen.map(({ method, url, body }) => `${method} ${url} ${body}`),
    ['POST /x name[]=Acme', 'POST /slow/1 name[]=Acme', 'POST /slow/2 name[]=Acme'],
  )
  assert.deepEqual(during, [false, true, true])
  assert.equal(gate.status().pausedUntil, null)
  assert.equal(gate.status().callsThisHour, 3)
})

test('where the delaying address is no place to send a call, the first one is asked again', async () => {
  await using server = await openScriptedServer(({ url }, response, at) => {
    if (at === 0) answer(response, { status: 302, headers: { location: '/wait' } })
    else if (url === '/wait') answer(response, { body: '<html>please wait</html>' })
    else answer(response, { body: { done: true } })
  })
  const got = await aCaller().http(aRequest(`${server.url}/x?_dc=1`), live)
  assert.deepEqual(got.json, { done: true })
  assert.deepEqual(
    server.seen.map(({ url }) => url),
    ['/x?_dc=1', '/wait', '/x?_dc=1'],
  )
})

test('another host is never followed', async () => {
  await using other = await openScriptedServer((_, response) => answer(response, { body: {} }))
  await using server = await openScriptedServer((_, response) =>
    answer(response, { status: 302, headers: { location: `${other.url}/x` } }),
  )
  const { http, gate } = aCaller()
  await assert.rejects(http(aRequest(`${server.url}/x`), live), SystemAway)
  assert.equal(other.seen.length, 0)
  assert.notEqual(gate.status().pausedUntil, null)
})

test('a redirected PATCH is too late, and pauses everybody for as long as it was told', async () => {
  await using server = await openScriptedServer((_, response) =>
    answer(response, { status: 302, headers: { location: '/y', 'retry-after': '20' } }),
  )
  const { http, gate } = aCaller()
  const patch = aRequest(`${server.url}/x`, { method: 'PATCH', effect: 'patch' })
  await assert.rejects(http(patch, live), TooLate)
  assert.equal(server.seen.length, 1)
  assert.ok((gate.status().pausedUntil ?? 0) > Date.now() + 15_000)
})

test('a PATCH whose read is too old when its turn comes does not leave, and is not counted', async () => {
  await using server = await openScriptedServer((_, response) => answer(response, { body: {} }))
  const { http, gate } = aCaller()
  const patch = aRequest(`${server.url}/x`, { effect: 'patch', notAfter: Date.now() - 1 })
  await assert.rejects(http(patch, live), TooLate)
  assert.equal(server.seen.length, 0)
  assert.equal(gate.status().callsThisHour, 0)
})

test('where no connection can be made nothing was sent, and the circuit opens at once', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const address = closed.address()
  const port = typeof address === 'object' ? address?.port : 0
  await new Promise((resolve) => closed.close(resolve))

  const { http, gate } = aCaller()
  const error: unknown = await http(aRequest(`http://127.0.0.1:${port ?? 0}/x`), live).catch(
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof SystemAway)
  assert.match(error.message, /no connection \(ECONNREFUSED\)/)
  assert.equal(gate.status().circuit, 'open')
})

test('a write whose connection breaks after it was sent has an unknown answer, and is not repeated', async () => {
  await using server = await openScriptedServer((_, response) => response.destroy())
  await assert.rejects(aCaller().http(aRequest(`${server.url}/x`), live), UnknownAnswer)
  assert.equal(server.seen.length, 1)
})

test('so has a write whose answer broke off in the middle', async () => {
  await using server = await openScriptedServer((_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"data":', () => response.destroy())
  })
  await assert.rejects(aCaller().http(aRequest(`${server.url}/x`), live), UnknownAnswer)
  assert.equal(server.seen.length, 1)
})

test('a read whose connection breaks is asked once more', async () => {
  await using server = await openScriptedServer((_, response, at) =>
    at === 0 ? response.destroy() : answer(response, { body: { at } }),
  )
  const { http, gate } = aCaller()
  const got = await http(aRequest(`${server.url}/x`, { effect: 'read' }), live)
  assert.deepEqual(got.json, { at: 1 })
  assert.equal(gate.status().callsThisHour, 2)
})

test('and fails when it breaks again', async () => {
  await using server = await openScriptedServer((_, response) => response.destroy())
  const read = aRequest(`${server.url}/x`, { effect: 'read' })
  await assert.rejects(aCaller().http(read, live), CallFailed)
  assert.equal(server.seen.length, 2)
})

test('the time limit covers the whole answer', async () => {
  await using server = await openScriptedServer(({ url }, response) => {
    if (url === '/trickle') response.writeHead(200).write('{')
  })
  const { http } = aCaller({ timeLimitMs: 100 })
  await assert.rejects(http(aRequest(`${server.url}/silent`), live), UnknownAnswer)
  await assert.rejects(http(aRequest(`${server.url}/trickle`), live), UnknownAnswer)
  const read = aRequest(`${server.url}/trickle`, { effect: 'read' })
  await assert.rejects(http(read, live), /no whole answer within 100 ms/)
  assert.equal(server.seen.length, 3)
})

test('an answer without end is not read to the end', async () => {
  await using server = await openScriptedServer((_, response) =>
    answer(response, { body: 'x'.repeat(5_000) }),
  )
  const read = aRequest(`${server.url}/x`, { effect: 'read' })
  await assert.rejects(
    aCaller({ sizeLimitBytes: 1_000 }).http(read, live),
    /larger than 1000 bytes/,
  )
})

test('who gives up a write is told that its answer is unknown, who gives up a read its own reason', async () => {
  await using server = await openScriptedServer(() => undefined)
  const { http, gate } = aCaller()
  const arrived = async (count: number) => {
    while (server.seen.length < count) await wait(5)
  }
  const first = new AbortController()
  const write = http(aRequest(`${server.url}/x`), { ...live, signal: first.signal })
  const refused = assert.rejects(write, UnknownAnswer)
  await arrived(1)
  first.abort(new Error('shutting down'))
  await refused
  const second = new AbortController()
  const read = http(aRequest(`${server.url}/x`, { effect: 'read' }), {
    ...live,
    signal: second.signal,
  })
  const ended = assert.rejects(read, /shutting down/)
  await arrived(2)
  second.abort(new Error('shutting down'))
  await ended
  assert.equal(gate.status().circuit, 'closed')
})

test('a header that cannot be sent never shows its value', async () => {
  const { http } = aCaller()
  const request = aRequest('http://127.0.0.1:9/x', {
    headers: { authorization: 'Bearer secret\n1' },
  })
  const error: unknown = await http(request, live).catch((reason: unknown) => reason)
  assert.ok(error instanceof SystemAway)
  assert.ok(!error.message.includes('secret'))
  assert.equal(error.cause, undefined)
})

import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import jwt from 'jsonwebtoken'
import { afterEach, test } from 'vitest'
import type { Entry } from '../event-log/event-log.ts'
import { makeGateway, type GatewayDeps } from './make-gateway.ts'
import { makePrepare } from './prepare-deliveries.ts'

const outreachSecret = 'outreach-secret'
const nativeSecret = 'native-secret'
const hookSecret = 'hook-secret'
const account = '{"data":{"type":"account","id":4101},"meta":{"eventName":"account.updated"}}'
const hint = '{"resource":"organisation","event":"updated","id":226,"lock_version":7}'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

async function openGateway(changes: Partial<GatewayDeps> = {}) {
  const entries: Entry[] = []
  const told: string[] = []
  const used = new Map<string, number>()
  const prepare = makePrepare()
  const gateway = makeGateway({
    keep: (raw) => {
      const { entries: kept, answer } = prepare(raw)
      entries.push(...kept)
      return Promise.resolve(answer)
    },
    ready: () => Promise.resolve({ ok: true }),
    secrets: {
      outreach: ['newer', outreachSecret],
      workbooksWebhook: [nativeSecret],
      workbooksHook: ['newer', hookSecret],
    },
    usedTokens: {
      has: (jti) => Promise.resolve(used.has(jti)),
      remember: (jti, untilMs) => Promise.resolve(void used.set(jti, untilMs)),
    },
    now: () => Date.now(),
    randomBytes,
    signals: {
      kept: (source, accepted, quarantined) =>
        told.push(`kept ${source} ${accepted} ${quarantined}`),
      quarantined: (source, code) => told.push(`quarantined ${source} ${code}`),
      notKept: (source) => told.push(`notKept ${source}`),
      refused: (source, why) => told.push(`refused ${source} ${why}`),
      failed: (error) => told.push(`failed ${String(error)}`),
    },
    ...changes,
  })
  await new Promise<void>((resolve) => gateway.server.listen(0, '127.0.0.1', resolve))
  opened.push(() => gateway.close(1000))
  const { port } = gateway.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string>,
  ) =>
    fetch(url + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
    })
  return { gateway, port, url, post, entries, told, used }
}

const sign = (body: string | Buffer, secret = outreachSecret) =>
  createHmac('sha256', secret).update(body).digest('hex')
const signed = (body: string | Buffer) => ({ 'outreach-webhook-signature': sign(body) })

let jtis = 0
function bearer(body: string, changes: object = {}): { authorization: string } {
  const iat = Math.floor(Date.now() / 1000)
  const body_sha256 = createHash('sha256').update(body).digest('hex')
  const claims = { iss: 'workbooks', iat, exp: iat + 60, jti: `jti-${(jtis += 1)}`, body_sha256 }
  return { authorization: `Bearer ${jwt.sign({ ...claims, ...changes }, hookSecret)}` }
}

async function problemOf(response: Response) {
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const problem = (await response.json()) as Record<string, unknown>
  assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'detail'])
  assert.equal(problem['status'], response.status)
  return problem
}

test('a signed Outreach delivery is kept, then answered with what became of it', async () => {
  const { post, entries, told } = await openGateway()
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const response = await post('/webhooks/outreach', account, {
    ...signed(account),
    'content-type': 'application/vnd.api+json',
    traceparent,
  })
  assert.equal(response.status, 200)
  assert.equal(await response.text(), '{"accepted":1,"quarantined":0}')
  assert.equal(entries[0]?.key, 'outreach:account:4101')
  assert.equal(entries[0].headers?.['traceparent'], traceparent)
  assert.deepEqual(told, ['kept outreach 1 0'])
})

test.each([
  'application/json; charset=utf-8',
  'Application/JSON',
  'application/vnd.api+json;charset=UTF-8',
  'application/problem+json',
])('both doors take %s', async (type) => {
  const { post } = await openGateway()
  const headers = { 'content-type': type }
  const outreach = await post('/webhooks/outreach', account, { ...signed(account), ...headers })
  const workbooks = await post('/webhooks/workbooks', hint, { ...bearer(hint), ...headers })
  assert.deepEqual([outreach.status, workbooks.status], [200, 200])
})

test('the address may carry a query or a slash, and the body may come in chunks', async () => {
  const { post } = await openGateway()
  const chunks = new ReadableStream({
    start(controller) {
      for (const letter of account) controller.enqueue(Buffer.from(letter))
      controller.close()
    },
  })
  assert.equal((await post('/webhooks/outreach', chunks, signed(account))).status, 200)
  assert.equal((await post('/webhooks/outreach?a=1', account, signed(account))).status, 200)
  assert.equal((await post('/webhooks/outreach/', account, signed(account))).status, 200)
})

test('Workbooks gets in with the native signature, or with a token', async () => {
  const { post, entries } = await openGateway()
  const native = '[{"organisation":{"id":226}},{"person":{"id":5}}]'
  const signature = `sha256=${sign(native, nativeSecret)}`
  const first = await post('/webhooks/workbooks', native, { 'x-workbooks-signature': signature })
  const second = await post('/webhooks/workbooks', hint, bearer(hint))
  const third = await post('/webhooks/workbooks', '[]', bearer('[]'))
  assert.equal(await first.text(), '{"accepted":2,"quarantined":0}')
  assert.equal(await second.text(), '{"accepted":1,"quarantined":0}')
  assert.equal(await third.text(), '{"accepted":0,"quarantined":0}')
  assert.equal(entries.length, 3)
})

test('a verified body that is not understood is quarantined, and answered 200', async () => {
  const { post, entries, told } = await openGateway()
  for (const body of ['', '{"data":', Buffer.from([0xff, 0xfe]), '[]']) {
    const response = await post('/webhooks/outreach', body, signed(body))
    assert.equal(response.status, 200)
    assert.equal(await response.text(), '{"accepted":0,"quarantined":1}')
  }
  assert.ok(entries.every(({ topic }) => topic === 'gateway.quarantine'))
  assert.equal(entries.length, 4)
  assert.ok(told.includes('quarantined outreach not-utf-8'))
})

test('whoever proves nothing is answered 401, and nothing of the body is kept', async () => {
  const { post, entries, told } = await openGateway()
  const expired = Math.floor(Date.now() / 1000) - 40
  const answers = [
    await post('/webhooks/outreach', account, {}),
    await post('/webhooks/outreach', account, { 'outreach-webhook-signature': sign(account, 'x') }),
    await post('/webhooks/outreach', `${account} `, signed(account)),
    await post('/webhooks/workbooks', hint, {}),
    await post('/webhooks/workbooks', hint, {
      'x-workbooks-signature': `sha256=${sign(hint, 'x')}`,
    }),
    await post('/webhooks/workbooks', hint, bearer(account)),
    await post('/webhooks/workbooks', hint, bearer(hint, { exp: expired })),
  ]
  for (const answer of answers) {
    assert.equal(answer.status, 401)
    assert.equal((await problemOf(answer))['title'], 'Unauthorized')
  }
  assert.equal(entries.length, 0)
  assert.equal(told.filter((line) => line.startsWith('refused')).length, answers.length)
})

test('a token works once, also when it comes ten times at once', async () => {
  const { post, entries, used } = await openGateway()
  const headers = bearer(hint)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post('/webhooks/workbooks', hint, headers)),
  )
  const statuses = answers.map(({ status }) => status).sort()
  assert.deepEqual(statuses, [200, ...Array<number>(9).fill(401)])
  assert.equal((await post('/webhooks/workbooks', hint, headers)).status, 401)
  assert.equal(entries.length, 1)
  assert.equal(used.size, 1)
})

test('where the events could not be kept the connection is reset, and the token is not spent', async () => {
  let isAway = true
  const prepare = makePrepare()
  const { post, told, used } = await openGateway({
    keep: (raw) =>
      isAway ? Promise.reject(new Error('no room')) : Promise.resolve(prepare(raw).answer),
  })
  const headers = bearer(hint)
  await assert.rejects(post('/webhooks/outreach', account, signed(account)), /fetch failed/)
  await assert.rejects(post('/webhooks/workbooks', hint, headers), /fetch failed/)
  assert.deepEqual(told, ['notKept outreach', 'notKept workbooks'])
  assert.equal(used.size, 0)

  isAway = false
  assert.equal((await post('/webhooks/workbooks', hint, headers)).status, 200)
})

test('nothing is answered before the events are kept', async () => {
  const waiting: ((answer: Uint8Array) => void)[] = []
  const { post } = await openGateway({
    keep: () => new Promise((resolve) => waiting.push(resolve)),
  })
  let isAnswered = false
  const answer = post('/webhooks/outreach', account, signed(account)).then((response) => {
    isAnswered = true
    return response
  })
  while (waiting.length === 0) await new Promise(setImmediate)
  assert.equal(isAnswered, false)
  waiting[0]?.(Buffer.from('{"accepted":1,"quarantined":0}'))
  assert.equal((await answer).status, 200)
})

test('a body over 1 MiB is 413, one of exactly 1 MiB is taken', async () => {
  const { post, entries } = await openGateway()
  const exact = Buffer.alloc(1024 * 1024, 0x20)
  const over = Buffer.alloc(1024 * 1024 + 1, 0x20)
  assert.equal((await post('/webhooks/outreach', exact, signed(exact))).status, 200)
  for (const path of ['/webhooks/outreach', '/webhooks/workbooks']) {
    const answer = await post(path, over, signed(over))
    assert.equal(answer.status, 413)
    await problemOf(answer)
  }
  const chunked = new Blob([over]).stream()
  assert.equal((await post('/webhooks/outreach', chunked, signed(over))).status, 413)
  assert.equal(entries.length, 1)
})

test('what is not JSON by its headers is 415', async () => {
  const { post, url } = await openGateway()
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/json',
    '',
  ]
  for (const type of types) {
    const answer = await post('/webhooks/outreach', account, {
      ...signed(account),
      'content-type': type,
    })
    assert.equal(answer.status, 415, type)
    await problemOf(answer)
  }
  const noType = await fetch(`${url}/webhooks/workbooks`, {
    method: 'POST',
    body: Buffer.from(hint),
  })
  assert.equal(noType.status, 415)
  const zipped = await post('/webhooks/workbooks', hint, {
    ...bearer(hint),
    'content-encoding': 'gzip',
  })
  assert.equal(zipped.status, 415)
  const plain = await post('/webhooks/outreach', account, {
    ...signed(account),
    'content-encoding': 'identity',
  })
  assert.equal(plain.status, 200)
})

test('other methods are 405, other addresses 404', async () => {
  const { url } = await openGateway()
  const get = await fetch(`${url}/webhooks/outreach`)
  assert.equal(get.status, 405)
  assert.equal(get.headers.get('allow'), 'POST')
  await problemOf(get)
  assert.equal((await fetch(`${url}/webhooks/workbooks`, { method: 'DELETE' })).status, 405)
  assert.equal((await fetch(`${url}/livez`, { method: 'POST' })).status, 405)
  for (const path of ['/', '/webhooks', '/webhooks/salesforce', '/%']) {
    const answer = await fetch(url + path)
    assert.equal(answer.status, 404, path)
    await problemOf(answer)
  }
})

test('who keeps failing is asked to wait; who is verified never is, from the same address or another', async () => {
  const { post } = await openGateway()
  const forged = (address: string) =>
    post('/webhooks/outreach', account, { 'x-forwarded-for': address })
  const statuses: number[] = []
  for (let tries = 0; tries < 31; tries += 1) statuses.push((await forged('203.0.113.9')).status)
  assert.deepEqual(statuses, [...Array<number>(30).fill(401), 429])

  const waits = await forged('203.0.113.9')
  assert.equal(waits.status, 429)
  assert.ok(Number(waits.headers.get('retry-after')) > 0)
  await problemOf(waits)

  const same = { 'x-forwarded-for': '203.0.113.9' }
  for (let deliveries = 0; deliveries < 40; deliveries += 1) {
    const answer = await post('/webhooks/outreach', account, { ...signed(account), ...same })
    assert.equal(answer.status, 200)
  }
  assert.equal((await post('/webhooks/workbooks', hint, { ...bearer(hint), ...same })).status, 200)
  assert.equal((await forged('203.0.113.9')).status, 429)
  // Behind a proxy, somebody else is somebody else.
  assert.equal((await forged('203.0.113.10')).status, 401)
})

test('a body that comes too slowly loses its connection, and the others theirs not', async () => {
  const { port, post, told } = await openGateway({ limits: { bytes: 1024 * 1024, timeMs: 100 } })
  const slow = new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
    socket.write(
      'POST /webhooks/outreach HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"half',
    )
  })
  assert.equal((await post('/webhooks/outreach', account, signed(account))).status, 200)
  assert.equal(await slow, '')
  assert.deepEqual(told, ['kept outreach 1 0'])
})

test('a sender that goes away in the middle leaves nothing behind', async () => {
  const { port, post, entries } = await openGateway()
  const left = new Promise<void>((resolve) => {
    const request = httpRequest({
      port,
      method: 'POST',
      path: '/webhooks/outreach',
      headers: { 'content-type': 'application/json', 'content-length': '500' },
    })
    request.on('error', () => resolve())
    request.write('{"data":')
    setImmediate(() => request.destroy(new Error('gone')))
  })
  await left
  assert.equal((await post('/webhooks/outreach', account, signed(account))).status, 200)
  assert.equal(entries.length, 1)
})

test('it says that it lives, and whether it is ready', async () => {
  let ok = true
  const { url } = await openGateway({
    ready: () => Promise.resolve(ok ? { ok } : { ok, why: 'The spool is full.' }),
  })
  assert.equal((await fetch(`${url}/livez`)).status, 200)
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
  assert.equal((await fetch(`${url}/readyz`, { method: 'HEAD' })).status, 200)
  ok = false
  const answer = await fetch(`${url}/readyz`)
  assert.equal(answer.status, 503)
  assert.equal((await problemOf(answer))['detail'], 'The spool is full.')
  assert.equal((await fetch(`${url}/livez`)).status, 200)
})

test('others answer what is not ours, and what breaks there is a problem, not a crash', async () => {
  const { url, told } = await openGateway({
    others: (request, response, next) => {
      if (request.path === '/metrics') response.send('up 1')
      else if (request.path === '/broken') throw new Error('broken')
      else next()
    },
  })
  assert.equal(await (await fetch(`${url}/metrics`)).text(), 'up 1')
  const broken = await fetch(`${url}/broken`)
  assert.equal(broken.status, 500)
  await problemOf(broken)
  assert.equal((await fetch(`${url}/nothing`)).status, 404)
  assert.deepEqual(told, ['failed Error: broken'])
})

test('closing lets what is under way be answered', async () => {
  const waiting: ((answer: Uint8Array) => void)[] = []
  const { gateway, post, url } = await openGateway({
    keep: () => new Promise((resolve) => waiting.push(resolve)),
  })
  const answer = post('/webhooks/outreach', account, signed(account))
  while (waiting.length === 0) await new Promise(setImmediate)
  const closed = gateway.close()
  waiting[0]?.(Buffer.from('{"accepted":1,"quarantined":0}'))
  assert.equal((await answer).status, 200)
  await closed
  await assert.rejects(fetch(`${url}/livez`))
})

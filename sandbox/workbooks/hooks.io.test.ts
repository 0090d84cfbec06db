import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import jsonwebtoken from 'jsonwebtoken'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { signNative } from './native-webhooks.ts'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'
import type { SimulatedWorkbooks, SimulatedWorkbooksOptions } from './simulated-workbooks.ts'
import { makeTestCaller } from './test-caller.ts'

type Delivery = { readonly headers: IncomingHttpHeaders; readonly body: string }

const jwtSecret = 'a-secret-that-is-long-enough-for-hs256'
let received: Delivery[]
let server: Server
let url: string
let workbooks: SimulatedWorkbooks | undefined

beforeEach(async () => {
  received = []
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Listening on a port, never on a pipe.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/workbooks`
})

afterEach(async () => {
  await workbooks?.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const open = async (options: SimulatedWorkbooksOptions): Promise<SimulatedWorkbooks> => {
  workbooks = await openSimulatedWorkbooks(options)
  return workbooks
}

const eventsOf = (deliveries: readonly Delivery[]): readonly unknown[] =>
  deliveries.map(({ body }) => JSON.parse(body) as unknown)

test('our hook tells of creates, updates and deletes, signed over the body (product 3)', async () => {
  const { person, whenQuiet } = await open({ hook: { url, jwtSecret } })
  person.create('organisations', { name: 'Acme' })
  person.update('organisations', 226, { industry: 'Food' })
  person.update('organisations', 226, { industry: 'Food' })
  person.remove('organisations', 226)
  person.create('tasks', { name: 'Call' })
  await whenQuiet()
  const events = eventsOf(received)
  expect(events).toHaveLength(4)
  expect(events).toContainEqual(
    expect.objectContaining({ resource: 'task', event: 'created', object_ref: 'TASK-101' }),
  )
  const organisation = events.filter((event) => JSON.stringify(event).includes('organisation'))
  expect(organisation).toMatchObject([
    { resource: 'organisation', event: 'created', id: 226, lock_version: 0 },
    { event: 'updated', lock_version: 1 },
    { event: 'deleted', lock_version: 1 },
  ])
  const [first] = received
  const token = (first?.headers.authorization ?? '').replace('Bearer ', '')
  const claims = jsonwebtoken.verify(token, jwtSecret, { algorithms: ['HS256'] })
  expect(claims).toMatchObject({
    iss: 'workbooks',
    body_sha256: createHash('sha256')
      .update(first?.body ?? '')
      .digest('hex'),
  })
  const ids = received.map(({ headers }) => {
    const decoded = jsonwebtoken.decode((headers.authorization ?? '').slice('Bearer '.length))
    return typeof decoded === 'object' ? decoded?.jti : undefined
  })
  expect(new Set(ids).size).toBe(4)
})

test('writes by the API are announced too, unless that is switched off (15.8)', async () => {
  const loud = await open({ hook: { url, jwtSecret } })
  await makeTestCaller(loud).create('crm/people', { name: 'Ann' })
  await loud.whenQuiet()
  expect(received).toHaveLength(1)
  await loud.close()
  const quiet = await open({ hook: { url, jwtSecret, apiWrites: false } })
  await makeTestCaller(quiet).create('crm/people', { name: 'Ann' })
  await quiet.whenQuiet()
  expect(received).toHaveLength(1)
})

test('native webhooks tell of new records only, in an array under their name (12.1)', async () => {
  const { person, whenQuiet } = await open({ native: { url, secret: 'native-secret' } })
  person.create('organisations', { name: 'Acme' })
  person.update('organisations', 226, { industry: 'Food' })
  person.create('opportunities', { description: 'Deal' })
  await whenQuiet()
  expect(eventsOf(received)).toMatchObject([[{ organisation: { id: 226, name: 'Acme' } }]])
  const [first] = received
  expect(first?.headers['x-workbooks-signature']).toBe(
    signNative(first?.body ?? '', 'native-secret'),
  )
})

test('a subscription made over the API gets a secret and is served (12.1)', async () => {
  const opened = await open({})
  const { body } = await makeTestCaller(opened).create('admin/triggers/webhook_subscriptions', {
    name: 'People',
    callback_url: url,
    trigger_id: '1',
    enabled: 'true',
  })
  const secret = body.affected_objects?.[0]?.['secret_key']
  expect(secret).toMatch(/^[0-9a-f]{40}$/)
  opened.person.create('people', { name: 'Ann' })
  await opened.whenQuiet()
  const [first] = received
  expect(first?.headers['x-workbooks-signature']).toBe(
    signNative(first?.body ?? '', String(secret)),
  )
})

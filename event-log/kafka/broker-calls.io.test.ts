import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, test } from 'vitest'
import { LogUnavailable } from '../log-unavailable.ts'
import { makeBrokerCalls } from './broker-calls.ts'
import type { BrokerCalls } from './broker-calls.ts'
import { openLine } from './open-line.ts'

/** A broker that froze: its system takes connections, and nothing ever answers. */
const frozen = createServer()
let sockets: Socket[]
let calls: BrokerCalls

beforeEach(async () => {
  sockets = []
  frozen.on('connection', (socket) => sockets.push(socket.on('error', () => undefined).resume()))
  await once(frozen.listen(0, '127.0.0.1'), 'listening')
  const { port } = frozen.address() as AddressInfo // it listens on a port
  const connection = { clientId: 'c', brokers: [`127.0.0.1:${port}`], prefix: '' }
  const newLine = () => openLine(connection, { brokerSaid: () => undefined })
  calls = makeBrokerCalls(newLine, { tryMs: 200, allMs: 500 })
})
afterEach(async () => {
  await calls.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => frozen.close(resolve))
})

test('a connection that went silent is cut and replaced, and whoever asked hears in time', async () => {
  await assert.rejects(calls.groups(), LogUnavailable)
  const [first, second] = sockets
  assert(first !== undefined && second !== undefined, 'another connection was tried')
  if (!first.closed) await once(first, 'close')
  await assert.rejects(Promise.all([calls.groups(), calls.committed('g')]), LogUnavailable)
})

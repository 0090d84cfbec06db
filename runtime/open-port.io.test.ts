import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'vitest'
import { openPort, PortTaken } from './open-port.ts'

function aServer() {
  const server = createServer()
  return {
    server,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

test('port 0 is any free one', async () => {
  await using one = aServer()
  const port = await openPort(one.server, { setting: 'PORT', port: 0, whenTaken: 'refuse' })
  assert.ok(port > 0)
})

test('a taken port is refused with what to type, or another one is taken', async () => {
  await using one = aServer()
  await using other = aServer()
  const taken = await openPort(one.server, { setting: 'PORT', port: 0, whenTaken: 'refuse' })
  const wanted = { setting: 'OPS_PORT', port: taken }
  await assert.rejects(
    openPort(other.server, { ...wanted, whenTaken: 'refuse' }),
    (error) => error instanceof PortTaken && error.message.startsWith(`OPS_PORT ${taken} is taken`),
  )
  const got = await openPort(other.server, { ...wanted, whenTaken: 'take a free one' })
  assert.notEqual(got, taken)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toCallerAddress } from './to-caller-address.ts'

// prettier-ignore
const callers = [
  { peer: '203.0.113.9', header: '198.51.100.1', caller: '203.0.113.9' },
  { peer: '127.0.0.1', header: '198.51.100.1', caller: '198.51.100.1' },
  { peer: '::ffff:127.0.0.1', header: '198.51.100.1', caller: '198.51.100.1' },
  { peer: '::1', header: '198.51.100.1', caller: '198.51.100.1' },
  { peer: '127.0.0.1', header: undefined, caller: '127.0.0.1' },
  { peer: '172.32.0.1', header: '198.51.100.1', caller: '172.32.0.1' },
  { peer: '10.1.2.3', header: '192.0.2.7, 198.51.100.1', caller: '198.51.100.1' },
  { peer: '::ffff:172.16.0.9', header: '198.51.100.1', caller: '198.51.100.1' },
  { peer: '192.168.1.1', header: '2001:db8::7', caller: '2001:db8::7' },
  { peer: 'fd00::1', header: '198.51.100.1', caller: '198.51.100.1' },
  { peer: '10.1.2.3', header: 'nonsense', caller: '10.1.2.3' },
  { peer: '10.1.2.3', header: undefined, caller: '10.1.2.3' },
  { peer: undefined, header: '198.51.100.1', caller: undefined },
]

test.each(callers)('the caller behind $peer, forwarded for $header, is $caller', (row) => {
  assert.equal(toCallerAddress(row.peer, row.header), row.caller)
})

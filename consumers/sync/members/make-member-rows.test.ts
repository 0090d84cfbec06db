import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Call, Found } from '../../../clients/call.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { contactsLine } from './members.fixture.ts'
import { makeMemberRows } from './make-member-rows.ts'

const deal: OutreachRecord = {
  ...{ type: 'opportunity', id: '950', attributes: {}, links: {}, readAt: 0 },
}
const found = new Map<string, Found<OutreachRecord>>([['950', { kind: 'here', record: deal }]])
const call: Call = { lane: 'live' }

function open({ isOAuth = true }: { readonly isOAuth?: boolean } = {}) {
  const clock = { now: 0 }
  const told: string[] = []
  const calls = { search: 0 }
  const rows = makeMemberRows({
    kind: 'opportunity',
    members: contactsLine().members,
    outreach: {
      isOAuth,
      search: () => {
        calls.search += 1
        return Promise.resolve([])
      },
      readMany: () => Promise.resolve(new Map()),
    },
    leftAlone: {
      say: ({ what, why }) => Promise.resolve(void told.push(`${what}: ${why}`)),
      isOver: ({ what }) => Promise.resolve(void told.push(`${what}: over`)),
    },
    known: { note: () => undefined },
    now: () => clock.now,
  })
  return { rows, clock, told, calls }
}

test('server-to-server credentials ask for no rows: contacts are left alone, and it is said', async () => {
  const { rows, told, calls, clock } = open({ isOAuth: false })
  assert.equal(await rows.hangOn(found, call), found)
  assert.equal(calls.search, 0)
  const why = 'contacts: Outreach shows the prospects of an opportunity to OAuth credentials only'
  assert.deepEqual(told, [why])
  clock.now = 59_999
  await rows.hangOn(found, call)
  assert.deepEqual(told, [why])
  clock.now = 60_000
  await rows.hangOn(found, call)
  assert.deepEqual(told, [why, why])
})

test('rows that may be read again lift no word about rows that may not be written', async () => {
  const { rows, told, clock } = open()
  await rows.leaveAlone('no scope')
  clock.now = 60_000
  await rows.hangOn(found, call)
  assert.deepEqual(told, ['changes of contacts: no scope', 'contacts: over'])
  await rows.wereWritten()
  assert.deepEqual(told.slice(2), ['changes of contacts: over'])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Entry, Kept } from '../../../event-log/event-log.ts'
import { normaliseDelivery } from '../../outreach/normalise-delivery.ts'
import { toEventEntry } from '../../to-entry.ts'
import { normaliseHints } from '../../workbooks/normalise-hints.ts'
import { normaliseRow } from '../../workbooks/normalise-row.ts'
import { toAnnouncement } from './to-announcement.ts'

const at = Date.UTC(2026, 2, 2, 9, 22, 30)
const arrivedAs = (body: unknown) => ({
  text: JSON.stringify(body),
  bodyHash: () => JSON.stringify(body),
  receivedAt: at + 4_000,
  traceparent: 'trace',
})

function keptOf(entry: Entry | undefined): Kept {
  assert.ok(entry)
  return { ...entry, at: { topic: entry.topic, partition: 0, offset: 0n }, keptAt: at + 5_000 }
}

function announcementOf(understood: ReturnType<typeof normaliseDelivery> | undefined) {
  assert.equal(understood?.kind, 'event')
  return toAnnouncement(keptOf(toEventEntry(understood)))
}

const fromOutreach = (eventName: string, data: object) => {
  const body = { data, meta: { eventName, deliveredAt: '2026-03-02T09:22:31.220Z' } }
  return announcementOf(normaliseDelivery(body, arrivedAs(body)))
}
const fromWorkbooks = (hint: object) => announcementOf(normaliseHints(hint, arrivedAs(hint))[0])

test("Outreach tells a record's change, and when it was by its own clock", () => {
  const told = fromOutreach('account.updated', {
    type: 'account',
    id: 4101,
    attributes: { name: 'Larkfield', updatedAt: '2026-03-02T09:22:30.750Z' },
  })
  assert.match(told?.id ?? '', /^[\w-]{22}$/)
  assert.deepEqual(
    { ...told, id: '' },
    {
      id: '',
      resource: 'outreach.account',
      record: 'outreach:account:4101',
      at: at / 1_000,
      version: null,
      keptAt: at + 5_000,
    },
  )
})

test('an e-mail address is announced as itself, not as its prospect', () => {
  const told = fromOutreach('emailAddress.updated', {
    type: 'emailAddress',
    id: 120331,
    attributes: { updatedAt: '2026-03-02T09:22:30.000Z', order: 0 },
    relationships: { prospect: { type: 'prospect', id: 88017 } },
  })
  assert.deepEqual(
    [told?.resource, told?.record],
    ['outreach.emailAddress', 'outreach:emailAddress:120331'],
  )
})

test('Workbooks tells the version too, where the sender knows it', () => {
  const hint = { resource: 'organisation', event: 'updated', id: 226, object_ref: 'ORG-101' }
  const time = 'Mon Mar 02 09:22:30 UTC 2026'
  const told = fromWorkbooks({ ...hint, lock_version: 7, updated_at: time })
  assert.deepEqual(
    [told?.resource, told?.record, told?.version, told?.at],
    ['workbooks.organisation', 'workbooks:organisation:226', 7, at / 1_000],
  )
  const untold = fromWorkbooks({ ...hint, updated_at: time })
  assert.equal(untold?.version, null)
  assert.notEqual(untold.id, told?.id)
})

test('the same delivery twice is the same announcement', () => {
  const twice = [1, 2].map(() => fromOutreach('account.created', { type: 'account', id: 1 }))
  assert.equal(twice[0]?.id, twice[1]?.id)
})

test('what the poller published itself announces nothing, nor do bytes that are no event', () => {
  const known = { controller: 'crm/organisations', columns: {}, readAt: at }
  const row = { ...known, id: '226', lockVersion: 7, isDeleted: false }
  const polled = { resource: 'organisation', foundAt: at, traceparent: 'trace' }
  for (const origin of ['reconciliation', 'backfill'] as const) {
    assert.equal(toAnnouncement(keptOf(normaliseRow(row, { ...polled, origin }))), undefined)
  }
  const entry = { topic: 'outreach.account', key: 'k', value: Buffer.from('{"a":1}') }
  assert.equal(toAnnouncement(keptOf(entry)), undefined)
})

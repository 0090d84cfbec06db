import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { OutreachRecord } from '../../clients/outreach/outreach-client.ts'
import { fingerprintOf } from '../../schemas/fingerprint.ts'
import type { PolledResource } from '../../schemas/polling.ts'
import type { KnownVersion, Versions } from '../../state/versions.ts'
import { onlyNewRecords, toFoundRecords } from './find-records.ts'

const accounts: PolledResource = {
  ...{ type: 'account', attributes: ['name'], links: ['owner'], every: 1, oauthOnly: false },
}
const emails: PolledResource = {
  ...{ type: 'emailAddress', attributes: ['email'], links: ['prospect'], every: 10 },
  ...{ oauthOnly: true, about: { link: 'prospect', type: 'prospect' } },
}

function aRecord(
  id: string,
  attributes: OutreachRecord['attributes'],
  links: OutreachRecord['links'] = {},
): OutreachRecord {
  const times = { createdAt: '2026-03-02T09:00:00.000Z', updatedAt: '2026-03-02T09:15:07.000Z' }
  const type = 'prospect' in links ? 'emailAddress' : 'account'
  return { type, id, attributes: { ...times, ...attributes }, links, readAt: 0 }
}

function versionsOf(known: Readonly<Record<string, Partial<KnownVersion>>>): Versions {
  const whole = Object.entries(known).map(
    ([id, one]) => [id, { handled: null, published: null, handlings: 1, ...one }] as const,
  )
  return { read: () => Promise.resolve(new Map(whole)) }
}

const as = { foundAt: Date.parse('2026-03-02T09:16:00Z'), traceparent: () => '00-1-2-01' }

async function find(resource: PolledResource, records: readonly OutreachRecord[], known = {}) {
  const news = await onlyNewRecords(versionsOf(known), resource, records)
  const found = toFoundRecords(resource, news, as)
  // What the normaliser printed.
  const events = found.map(({ entry }) => JSON.parse(Buffer.from(entry.value).toString()) as Event)
  return { found, events }
}

type Event = {
  readonly id: string
  readonly type: string
  readonly time: string
  readonly origin: string
  readonly data: { readonly changed: object; readonly links: object; readonly native: object }
}

test('what is handled, or in the log, is no news; what lies between is', async () => {
  const version = (name: string) => fingerprintOf(accounts, aRecord('1', { name }))
  const record = aRecord('4101', { name: 'Acme' })
  const kinds = [
    { 4101: { handled: version('Acme') } },
    { 4101: { handled: version('Old'), published: version('Acme') } },
    { 4101: { handled: version('Old') } },
    {},
  ]
  const counts = kinds.map(async (known) => (await find(accounts, [record], known)).found.length)
  assert.deepEqual(await Promise.all(counts), [0, 0, 1, 1])
})

test('its event names nothing as changed, bears their time, and has the id of this door', async () => {
  const record = aRecord('4101', { name: 'Acme' }, { owner: '44' })
  const { found, events } = await find(accounts, [record])
  const [event] = events
  const version = fingerprintOf(accounts, record)
  assert.equal(event?.id, `outreach.account.updated/4101/polled-${version}`)
  assert.equal(event.type, 'outreach.account.updated')
  assert.equal(event.time, '2026-03-02T09:15:07Z')
  assert.equal(event.origin, 'reconciliation')
  assert.deepEqual([event.data.changed, event.data.links], [{}, {}])
  assert.deepEqual(event.data.native, {
    ...{ type: 'account', id: '4101', attributes: record.attributes, links: { owner: '44' } },
  })
  assert.equal(found[0]?.entry.key, 'outreach:account:4101')
  assert.equal(found[0].changedAt, Date.parse('2026-03-02T09:15:07Z') / 1000)
  const { changedAt } = found[0]
  assert.deepEqual(found[0].published, [
    { system: 'outreach', type: 'account', id: '4101', version, handlings: 0, changedAt },
  ])
})

test('several parts of one prospect are one event about it; parts of nobody are none', async () => {
  const parts = [
    aRecord('1', { email: 'a@x.example' }, { prospect: '88017' }),
    aRecord('2', { email: 'b@x.example' }, { prospect: '88017' }),
    aRecord('3', { email: 'c@x.example' }, { prospect: null }),
  ]
  const { found, events } = await find(emails, parts)
  assert.deepEqual(
    found.map(({ ref, resource, published }) => [ref, resource, published.map(({ id }) => id)]),
    [['outreach:prospect:88017', 'emailAddress', ['1', '2']]],
  )
  assert.equal(events[0]?.type, 'outreach.prospect.updated')
})

test('a part that changed and changed back is news again, though nobody handles parts', async () => {
  const before = aRecord('1', { email: 'a@x.example' }, { prospect: '88017' })
  const { found } = await find(emails, [before])
  const published = found[0]?.published[0]?.version ?? ''
  const again = aRecord(
    '1',
    { email: 'a@x.example', updatedAt: '2026-03-02T10:00:00.000Z' },
    { prospect: '88017' },
  )
  assert.equal((await find(emails, [before], { 1: { published } })).found.length, 0)
  assert.equal((await find(emails, [again], { 1: { published } })).found.length, 1)
})

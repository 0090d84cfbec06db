import assert from 'node:assert/strict'
import { test } from 'vitest'
import { normaliseDelivery } from './normalise-delivery.ts'

const receivedAt = Date.UTC(2026, 2, 2, 12, 0, 0)

function normalise(body: unknown) {
  return normaliseDelivery(body, {
    text: JSON.stringify(body),
    bodyHash: () => 'hash',
    receivedAt,
    traceparent: 'trace',
  })
}

function eventOf(body: unknown) {
  const understood = normalise(body)
  assert.equal(understood.kind, 'event')
  return { topic: understood.topic, ...understood.event }
}

const delivery = (eventName: string, data: object, more: object = {}) => ({
  data: { type: eventName.split('.')[0], id: 4101, ...data },
  meta: { deliveredAt: '2026-03-02T01:22:31.220-08:00', eventName },
  ...more,
})

test('an update names its record, what changed, what it was before, and its links', () => {
  const event = eventOf(
    delivery(
      'account.updated',
      {
        attributes: { updatedAt: '2026-03-02T09:22:30.000Z', name: 'Larkfield Instruments Ltd' },
        relationships: { owner: { type: 'owner', id: 44 } },
      },
      {
        beforeUpdate: {
          attributes: { name: 'Larkfield Instruments' },
          relationships: { owner: { type: 'owner', id: 31 } },
        },
      },
    ),
  )
  assert.deepEqual(event, {
    topic: 'outreach.account',
    specversion: '1.0',
    id: 'outreach.account.updated/4101/hash',
    source: '/outreach',
    type: 'outreach.account.updated',
    subject: '4101',
    time: '2026-03-02T09:22:30Z',
    dataschema: 'urn:workbooks-outreach-gateway:outreach.account:1',
    datacontenttype: 'application/json',
    partitionkey: 'outreach:account:4101',
    origin: 'webhook',
    traceparent: 'trace',
    data: {
      action: 'updated',
      record: { type: 'account', id: '4101' },
      changed: { updatedAt: '2026-03-02T09:22:30.000Z', name: 'Larkfield Instruments Ltd' },
      before: { name: 'Larkfield Instruments' },
      links: { owner: '44' },
      linksBefore: { owner: '31' },
    },
  })
})

test('the time is when it changed, else when it was delivered, else when it was received', () => {
  const timeOf = (attributes: unknown, meta: object) =>
    eventOf({
      data: { type: 'prospect', id: 1, attributes },
      meta: { eventName: 'prospect.updated', ...meta },
    }).time
  const deliveredAt = '2026-03-02T01:22:31.220-08:00'
  assert.equal(
    timeOf({ updatedAt: '2026-03-02T09:22:30.000Z' }, { deliveredAt }),
    '2026-03-02T09:22:30Z',
  )
  assert.equal(timeOf({}, { deliveredAt }), '2026-03-02T09:22:31.220Z')
  assert.equal(timeOf({ updatedAt: 'soon' }, { deliveredAt }), '2026-03-02T09:22:31.220Z')
  assert.equal(timeOf(null, { deliveredAt: 5 }), '2026-03-02T12:00:00Z')
  assert.equal(timeOf(undefined, {}), '2026-03-02T12:00:00Z')
})

test('a record was destroyed when that was delivered, not when it last changed', () => {
  const attributes = { updatedAt: '2026-03-01T00:00:00.000Z' }
  assert.equal(
    eventOf(delivery('account.destroyed', { attributes })).time,
    '2026-03-02T09:22:31.220Z',
  )
})

test('a bare action is an event without changes', () => {
  const { topic, type, data } = eventOf(delivery('sequenceState.advanced', {}))
  assert.equal(topic, 'outreach.sequence-state')
  assert.equal(type, 'outreach.sequenceState.advanced')
  assert.deepEqual(data, {
    action: 'advanced',
    record: { type: 'sequenceState', id: '4101' },
    changed: {},
    before: {},
    links: {},
  })
})

test('an action that nobody documented is still a hint about its record', () => {
  assert.equal(eventOf(delivery('account.merged', {})).type, 'outreach.account.merged')
})

test.each(['emailAddress.created', 'emailAddress.destroyed', 'phoneNumber.updated'])(
  '%s is an update of its prospect',
  (eventName) => {
    const relationships = { prospect: { type: 'prospect', id: 88017 } }
    const event = eventOf(delivery(eventName, { attributes: { order: 0 }, relationships }))
    assert.equal(event.topic, 'outreach.prospect')
    assert.equal(event.id, 'outreach.prospect.updated/88017/hash')
    assert.equal(event.partitionkey, 'outreach:prospect:88017')
    assert.deepEqual(event.data.changed, {})
  },
)

test.each([
  ['an import', delivery('import.finished', {})],
  ['a recording', delivery('kaiaRecording.created', {})],
  ['an installation', delivery('install.created', { id: 'b7a1-guid' })],
  ['an e-mail address of nobody', delivery('emailAddress.updated', { attributes: { order: 1 } })],
  [
    'one whose prospect was cleared',
    delivery('phoneNumber.updated', { relationships: { prospect: null } }),
  ],
])('%s is counted, and no event', (_name, body) => {
  assert.deepEqual(normalise(body), { kind: 'counted' })
})

test.each([
  [
    'a resource that nobody knows',
    delivery('hologram.created', {}),
    'unknown-resource',
    'no resource "hologram" is known',
  ],
  [
    'a name that every object has',
    delivery('constructor.created', {}),
    'unknown-resource',
    'no resource "constructor" is known',
  ],
  ['a list', [], 'malformed', 'the body must be object'],
  ['null', null, 'malformed', 'the body must be object'],
  [
    'a delivery without data',
    { meta: { eventName: 'account.updated' } },
    'malformed',
    "the body must have required property 'data'",
  ],
  [
    'one without an id',
    delivery('account.updated', { id: undefined }),
    'malformed',
    "data must have required property 'id'",
  ],
  [
    'one without meta',
    { data: { type: 'account', id: 1 } },
    'malformed',
    "the body must have required property 'meta'",
  ],
  [
    'an event name without an action',
    delivery('account', {}),
    'malformed',
    'meta.eventName must match pattern "^[A-Za-z]+\\.[a-z][A-Za-z_]{0,63}$"',
  ],
  [
    'two resources in one',
    delivery('account.updated', { type: 'prospect' }),
    'malformed',
    'meta.eventName speaks of "account", data.type of "prospect"',
  ],
  [
    'attributes that are a list',
    delivery('account.updated', { attributes: [] }),
    'malformed',
    'data.attributes must be object,null',
  ],
  [
    'an id of 0',
    delivery('account.updated', { id: 0 }),
    'malformed',
    'data.id must be a whole number above 0',
  ],
  [
    'an id below 0',
    delivery('account.updated', { id: -4 }),
    'malformed',
    'data.id must be a whole number above 0',
  ],
  [
    'an id that JSON has rounded',
    delivery('account.updated', { id: 12345678901234567000 }),
    'malformed',
    'data.id must be a whole number above 0',
  ],
  [
    'an id in words',
    delivery('account.updated', { id: 'four' }),
    'malformed',
    'data.id must be a whole number above 0',
  ],
])('%s is not understood, and kept whole', (...[, body, code, reason]) => {
  const understood = normalise(body)
  assert.equal(understood.kind, 'not-understood')
  assert.equal(understood.code, code)
  assert.equal(understood.reason, reason)
  assert.equal(understood.bodyText, JSON.stringify(body))
})

test('what is unknown keeps the order of its record where that can be read', () => {
  const understood = normalise(delivery('hologram.created', {}))
  assert.equal(understood.kind === 'not-understood' && understood.about, 'outreach:hologram:4101')
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { normaliseHints } from './normalise-hints.ts'

const receivedAt = Date.UTC(2026, 2, 2, 12, 0, 0)

function normalise(body: unknown) {
  const text = JSON.stringify(body)
  return normaliseHints(body, { text, bodyHash: () => 'hash', receivedAt, traceparent: 'trace' })
}

function eventsOf(body: unknown) {
  return normalise(body).map((understood) => {
    assert.equal(understood.kind, 'event')
    return { ...understood.event, nativeText: understood.nativeText, topic: understood.topic }
  })
}

const hint = {
  resource: 'organisation',
  event: 'updated',
  id: 226,
  object_ref: 'ORG-101',
  lock_version: 7,
  updated_at: 'Mon Jun 02 09:16:00 UTC 2025',
}

test('a change hook is one event', () => {
  const [event] = eventsOf(hint)
  assert.deepEqual(event, {
    topic: 'workbooks.organisation',
    specversion: '1.0',
    id: 'workbooks.organisation.updated/226/7',
    source: '/workbooks',
    type: 'workbooks.organisation.updated',
    subject: '226',
    time: '2025-06-02T09:16:00Z',
    dataschema: 'urn:workbooks-outreach-gateway:workbooks.organisation:1',
    datacontenttype: 'application/json',
    partitionkey: 'workbooks:organisation:226',
    origin: 'webhook',
    traceparent: 'trace',
    data: {
      action: 'updated',
      record: { type: 'organisation', id: '226' },
      changed: {
        object_ref: 'ORG-101',
        lock_version: 7,
        updated_at: 'Mon Jun 02 09:16:00 UTC 2025',
      },
      before: {},
      links: {},
    },
    nativeText: JSON.stringify(hint),
  })
})

test('the event id tells versions apart by lock_version, else updated_at, else created_at', () => {
  const idOf = (more: object) =>
    eventsOf({ resource: 'task', event: 'updated', id: 9, ...more })[0]?.id
  const updated_at = 'Mon Jun 02 09:16:00 UTC 2025'
  const created_at = 'Mon Jun 02 09:15:00 UTC 2025'
  assert.equal(idOf({ lock_version: 0, updated_at }), 'workbooks.task.updated/9/0')
  assert.equal(idOf({ lock_version: '12' }), 'workbooks.task.updated/9/12')
  assert.equal(idOf({ updated_at, created_at }), 'workbooks.task.updated/9/2025-06-02T09:16:00Z')
  assert.equal(
    idOf({ lock_version: null, created_at }),
    'workbooks.task.updated/9/2025-06-02T09:15:00Z',
  )
  assert.equal(idOf({ updated_at: 'odd' }), 'workbooks.task.updated/9/odd')
  assert.match(idOf({}) ?? '', /^workbooks\.task\.updated\/9\/[0-9a-f]{64}$/)
  assert.equal(idOf({}), idOf({}))
  assert.notEqual(idOf({}), idOf({ name: 'other' }))
})

test('a native webhook tells of new records, each with its columns', () => {
  const columns = { id: 501, name: 'Mara', employer_link: 226, assigned_to: null, owner_id: '4' }
  const [first, second] = eventsOf([
    { person: columns },
    { organisation: { id: '7', lock_version: 1 } },
  ])
  assert.equal(first?.type, 'workbooks.person.created')
  assert.deepEqual(first.data.changed, columns)
  assert.deepEqual(first.data.links, { employer_link: '226', assigned_to: null, owner_id: '4' })
  assert.equal(first.nativeText, JSON.stringify({ person: columns }))
  assert.equal(second?.id, 'workbooks.organisation.created/7/1')
})

test('a deleted record is an event like any other', () => {
  const [event] = eventsOf({ ...hint, event: 'deleted' })
  assert.equal(event?.type, 'workbooks.organisation.deleted')
  assert.equal(event.data.action, 'deleted')
})

test('both forms may stand in one array, in their order', () => {
  const types = eventsOf([hint, { task: { id: 1 } }, { ...hint, event: 'deleted' }]).map(
    ({ type }) => type,
  )
  assert.deepEqual(types, [
    'workbooks.organisation.updated',
    'workbooks.task.created',
    'workbooks.organisation.deleted',
  ])
})

test('nothing in an array is nothing', () => assert.deepEqual(normalise([]), []))

test('known resources without a topic are counted', () => {
  const bodies = [[{ invoice: { id: 1 } }], { ...hint, resource: 'sales_lead' }]
  for (const body of bodies) assert.deepEqual(normalise(body), [{ kind: 'counted' }])
})

test.each([
  ['an unknown resource', { ...hint, resource: 'spaceship' }, 'unknown-resource'],
  ['a name that every object has', { ...hint, resource: 'constructor' }, 'unknown-resource'],
  ['an unknown native resource', [{ spaceship: { id: 1 } }], 'unknown-resource'],
  ['an unknown event', { ...hint, event: 'exploded' }, 'malformed'],
  ['a hint without an id', { ...hint, id: null }, 'malformed'],
  ['an id of 0', { ...hint, id: 0 }, 'malformed'],
  ['an id that JSON has rounded', { ...hint, id: 12345678901234567000 }, 'malformed'],
  ['an empty object', {}, 'malformed'],
  ['two records in one element', [{ person: { id: 1 }, task: { id: 2 } }], 'malformed'],
  ['a native record without an id', [{ person: { name: 'Mara' } }], 'malformed'],
  ['a text', 'organisation 226', 'malformed'],
  ['null', [null], 'malformed'],
])('%s is not understood, and kept whole', (_name, body, code) => {
  const [understood] = normalise(body)
  assert.equal(understood?.kind, 'not-understood')
  assert.equal(understood.code, code)
  assert.deepEqual(JSON.parse(understood.bodyText), Array.isArray(body) ? body[0] : body)
})

test('a bad element does not keep its neighbours out', () => {
  const kinds = normalise([hint, 5, hint]).map(({ kind }) => kind)
  assert.deepEqual(kinds, ['event', 'not-understood', 'event'])
})

test('an array without end is kept as one', () => {
  const body = Array.from({ length: 10_001 }, () => ({}))
  const [understood, ...others] = normalise(body)
  assert.equal(understood?.kind === 'not-understood' && understood.code, 'too-many')
  assert.equal(others.length, 0)
})

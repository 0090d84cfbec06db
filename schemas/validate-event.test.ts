import assert from 'node:assert/strict'
import { test } from 'vitest'
import { outcomeKinds } from './outcome.ts'
import outcomeSchema from './sync/outcome.v1.json' with { type: 'json' }
import quarantineSchema from './gateway/quarantine.v1.json' with { type: 'json' }
import { quarantineCodes } from './quarantined.ts'
import {
  recordTopics,
  topicOfOutreachResource,
  topicOfWorkbooksResource,
  topics,
} from './topics.ts'
import { validateEvent } from './validate-event.ts'

const hint = {
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
  data: {
    action: 'updated',
    record: { type: 'organisation', id: '226' },
    changed: {},
    before: {},
    links: { owner_id: null },
    native: null,
  },
}

test('an event that follows the envelope is valid on its topic and on no other', () => {
  const valid = topics.filter((topic) => validateEvent(topic, hint).kind === 'valid')
  assert.deepEqual(valid, ['workbooks.organisation'])
})

test('version 1 may gain optional members', () => {
  const more = { ...hint, extra: 1, data: { ...hint.data, extra: true } }
  assert.equal(validateEvent('workbooks.organisation', more).kind, 'valid')
})

test.each([
  ['an event without an id', { ...hint, id: undefined }],
  ['a time that is not UTC', { ...hint, time: '2025-06-02T09:16:00+01:00' }],
  [
    'an id that is a number',
    { ...hint, data: { ...hint.data, record: { type: 'organisation', id: 226 } } },
  ],
  [
    'a record of another type',
    { ...hint, data: { ...hint.data, record: { type: 'person', id: '226' } } },
  ],
  ['a link to a number', { ...hint, data: { ...hint.data, links: { owner_id: 4 } } }],
  ['another key than the record', { ...hint, partitionkey: 'workbooks:person:226' }],
  [
    'an event of Workbooks that it never sends',
    { ...hint, type: 'workbooks.organisation.exploded' },
  ],
  ['no object at all', 'an event'],
])('%s is invalid, with a reason', (_name, event) => {
  const validated = validateEvent('workbooks.organisation', event)
  assert.equal(validated.kind, 'invalid')
  assert.ok(validated.why.length > 10)
})

const outcome = {
  ...hint,
  source: '/gateway',
  type: 'sync.outcome',
  dataschema: 'urn:workbooks-outreach-gateway:sync.outcome:1',
  data: {
    outcome: 'updated',
    kind: 'organisation',
    pair: { workbooks: '226', outreach: null },
    system: 'outreach',
    fields: ['name'],
    reason: null,
    at: '2025-06-02T09:16:00Z',
    events: [],
    calls: 2,
    delayMs: null,
  },
}

test('an outcome says which condition, where it was skipped, and which values, where they conflict', () => {
  const withData = (more: object) =>
    validateEvent('sync.outcome', { ...outcome, data: { ...outcome.data, ...more } }).kind
  assert.equal(withData({}), 'valid')
  assert.equal(withData({ outcome: 'skipped' }), 'invalid')
  assert.equal(withData({ outcome: 'skipped', condition: 2 }), 'valid')
  assert.equal(withData({ outcome: 'skipped', condition: null }), 'valid')
  assert.equal(withData({ outcome: 'skipped', condition: 6 }), 'invalid')
  assert.equal(withData({ outcome: 'conflict' }), 'invalid')
  const conflicts = [{ field: 'name', winner: 'workbooks', loser: 'outreach', losingValue: null }]
  assert.equal(withData({ outcome: 'conflict', conflicts }), 'valid')
})

test('the types and the schemas name the same outcomes and reasons', () => {
  assert.deepEqual(outcomeSchema.properties.data.properties.outcome.enum, outcomeKinds)
  assert.deepEqual(quarantineSchema.properties.data.properties.code.enum, quarantineCodes)
})

test('every topic of a record is reached from exactly one resource', () => {
  const reached = [...topicOfOutreachResource.values(), ...topicOfWorkbooksResource.values()]
  assert.deepEqual(reached, Object.keys(recordTopics))
  for (const [resource, topic] of [...topicOfOutreachResource, ...topicOfWorkbooksResource]) {
    assert.equal(recordTopics[topic].type, resource)
  }
})

import { expect, test } from 'vitest'
import { makeResources } from './resources.ts'
import type { Row } from './record-store.ts'
import { toWebhookData } from './webhook-payload.ts'
import { toSignature } from './webhook-sender.ts'
import { toZonedTime } from './wire-time.ts'

const resources = makeResources()
const rules = {
  ...{ omitNulledAttributes: true, omitNulledLinks: true },
  ...{ opportunityStageAs: 'opportunityStage', payloadVersion: 1 },
}

const account = (attributes: Row['attributes'], links: Row['links'] = {}): Row => ({
  type: 'account',
  id: 4101,
  attributes,
  links,
})
const user = (id: number) => ({ type: 'user', id })

const say = (action: string, rows: { before?: Row; after?: Row }, changed = {}) => {
  const type = rows.after?.type ?? rows.before?.type ?? 'task'
  const event = { type, id: 4101, action, ...rows }
  return toWebhookData(event, resources.of(type), { ...rules, ...changed })
}

test('created tells what differs from the column default, and relationships flat (1.5)', () => {
  const after = account(
    { name: 'Lark', named: true, domain: null, tags: ['a'], custom1: 'x' },
    { owner: user(31), creator: user(31) },
  )
  expect(say('created', { after })).toEqual({
    data: {
      type: 'account',
      id: 4101,
      attributes: { name: 'Lark', named: true, custom1: 'x' },
      relationships: { owner: { type: 'owner', id: 31 } },
    },
  })
})

test('updated tells only what changed; what was cleared to null is absent (1.5)', () => {
  const before = account({ name: 'Lark', domain: 'a.example', industry: 'Tools', tags: ['a'] })
  const after = account({ name: 'Larkfield', domain: null, industry: 'Tools', tags: ['b'] })
  expect(say('updated', { before, after }).data).toEqual({
    type: 'account',
    id: 4101,
    attributes: { name: 'Larkfield' },
    relationships: {},
  })
  const told = say('updated', { before, after }, { omitNulledAttributes: false })
  expect(told.data.attributes).toEqual({ name: 'Larkfield', domain: null })
})

test('a prospect whose list attributes alone changed says nothing at all (1.6)', () => {
  const before: Row = {
    type: 'prospect',
    id: 1,
    attributes: { emails: ['a@b.example'] },
    links: {},
  }
  const after = { ...before, attributes: { emails: [], tags: ['x'], workPhones: ['1'] } }
  expect(say('updated', { before, after }).data).toMatchObject({
    attributes: {},
    relationships: {},
  })
})

test('payload version 2 adds the previous values, in the same flat form (1.7)', () => {
  const before = account({ name: 'Lark' }, { owner: user(31) })
  const after = account({ name: 'Larkfield' }, { owner: user(44) })
  expect(say('updated', { before, after }, { payloadVersion: 2 })).toEqual({
    data: {
      type: 'account',
      id: 4101,
      attributes: { name: 'Larkfield' },
      relationships: { owner: { type: 'owner', id: 44 } },
    },
    beforeUpdate: {
      attributes: { name: 'Lark' },
      relationships: { owner: { type: 'owner', id: 31 } },
    },
  })
})

test('destroyed tells all scalars, nulls included, and all to-one relationships (1.5)', () => {
  const before = account({ name: 'Lark', tags: [] }, { owner: user(31), creator: user(32) })
  const { data } = say('destroyed', { before })
  expect(data.attributes).toMatchObject({ name: 'Lark', domain: null, custom150: null })
  expect(data.attributes).not.toHaveProperty('tags')
  expect(data.relationships).toEqual({
    owner: { type: 'owner', id: 31 },
    creator: { type: 'creator', id: 32 },
  })
})

test('an action event has a type and an id, and nothing else (1.5)', () => {
  expect(say('completed', {})).toEqual({ data: { type: 'task', id: 4101 } })
})

test('the signature is the one of the fact sheet for the body of the fact sheet (1.4)', () => {
  const body =
    '{"data":{"type":"account","id":4101,"attributes":{"updatedAt":"2026-03-02T09:15:07.000Z","name":"Larkfield Instruments Ltd"},"relationships":{}},"meta":{"deliveredAt":"2026-03-02T01:15:08.412-08:00","eventName":"account.updated","jobId":"6f0f7f0e-2c57-4a0e-9d55-0b1b7f4f2b11"}}'
  expect(toSignature(body, 'example-webhook-secret')).toBe(
    'e1fcdf6a297388d52dd5e557bc5cc4857801b349878df502742d6f72f82917f4',
  )
})

test('deliveredAt has milliseconds and the zone of the org (1.5)', () => {
  const ms = Date.parse('2026-03-02T09:15:08.412Z')
  expect(toZonedTime(ms, '-08:00')).toBe('2026-03-02T01:15:08.412-08:00')
  expect(toZonedTime(ms, '+00:00')).toBe('2026-03-02T09:15:08.412+00:00')
})

test('the stage of an opportunity is told by either name (1.7)', () => {
  const after: Row = {
    ...{ type: 'opportunity', id: 950, attributes: {} },
    links: { opportunityStage: { type: 'opportunityStage', id: 4 } },
  }
  const before = { ...after, links: {} }
  const told = (changed: object) => say('updated', { before, after }, changed).data.relationships
  expect(told({})).toEqual({ opportunityStage: { type: 'opportunityStage', id: 4 } })
  expect(told({ opportunityStageAs: 'stage' })).toEqual({ stage: { type: 'stage', id: 4 } })
})

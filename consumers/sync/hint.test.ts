import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { GatewayEvent, Origin } from '../../schemas/event.ts'
import { foldHints, laneOfHint, refOfHint, toHint, type Hint } from './hint.ts'
import { organisation } from './kinds/organisation.ts'

const kinds = [organisation]
const change = {
  ...{ action: 'updated', record: { type: 'account', id: '4101' }, native: {} },
  changed: { name: 'New', updatedAt: '2026-03-02T09:22:30.000Z' },
  ...{ before: { name: 'Old' }, links: { owner: '44' }, linksBefore: { owner: '45' } },
}

function event(more: Partial<GatewayEvent> = {}): GatewayEvent {
  return {
    ...{ specversion: '1.0', id: 'e1', source: '/outreach', type: 'outreach.account.updated' },
    ...{ subject: '4101', time: '2026-03-02T09:22:31Z', dataschema: 'urn:x' },
    ...{ datacontenttype: 'application/json', partitionkey: 'outreach:account:4101' },
    ...{ origin: 'webhook', data: change },
    ...more,
  }
}

const said = (more: Partial<GatewayEvent>) => toHint(event(more), kinds)?.events[0]

test('an event of Outreach names its record, and keeps what it said and when', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const { changed, before, links, linksBefore } = change
  assert.deepEqual(toHint(event({ traceparent }), kinds), {
    ...{ kind: 'organisation', side: 'outreach', id: '4101' },
    events: [
      {
        ...{ id: 'e1', origin: 'webhook', action: 'updated' },
        updatedAt: Date.parse('2026-03-02T09:22:30Z') / 1_000,
        changedAt: Date.parse('2026-03-02T09:22:31Z'),
        ...{ changed, before, links, linksBefore, traceparent },
      },
    ],
  })
})

const ofWorkbooks = (changed: object, native: unknown = {}) => ({
  source: '/workbooks' as const,
  data: { ...change, record: { type: 'organisation', id: '226' }, changed, native },
})

test('an event of Workbooks tells its version and its time, wherever they stand', () => {
  const told = { lock_version: 7, updated_at: 'Mon Jun 02 09:16:00 UTC 2025' }
  for (const one of [said(ofWorkbooks(told)), said(ofWorkbooks({}, told))]) {
    assert.equal(one?.lockVersion, 7)
    assert.equal(one.updatedAt, Date.parse('2025-06-02T09:16:00Z') / 1_000)
  }
})

test('what an event does not say is not made up', () => {
  const one = said(ofWorkbooks({ lock_version: 'x' }, null))
  assert.deepEqual([one?.lockVersion, one?.updatedAt], [undefined, 0])
})

test('a request names a record of either side', () => {
  const request = (record: string) =>
    toHint(event({ type: 'sync.request', source: '/gateway', data: { record, reason: '' } }), kinds)
  const hint = request('workbooks:organisation:226')
  assert.deepEqual(
    [hint?.side, hint?.id, hint?.events[0]?.action],
    ['workbooks', '226', 'requested'],
  )
  assert.equal(request('outreach:account:4101')?.side, 'outreach')
  assert.equal(request('outreach:prospect:1'), undefined)
  assert.equal(request('no record'), undefined)
})

test('an event about no kind of ours is no hint', () => {
  const data = { ...change, record: { type: 'mailing', id: '1' } }
  assert.equal(toHint(event({ data }), kinds), undefined)
  // An organisation is a record of Workbooks, an account one of Outreach.
  const swapped = { ...change, record: { type: 'organisation', id: '1' } }
  assert.equal(toHint(event({ data: swapped }), kinds), undefined)
})

function hintOf(...events: readonly Partial<GatewayEvent>[]): Hint {
  const hints = events.flatMap((more) => toHint(event(more), kinds) ?? [])
  return hints.reduce(foldHints)
}

test('two hints about one record are one, in their order, each event once (rulebook 2)', () => {
  const { events } = hintOf({ id: 'b' }, { id: 'a' }, { id: 'b' })
  assert.deepEqual(
    events.map(({ id }) => id),
    ['b', 'a'],
  )
})

// prettier-ignore
const lanes: readonly { origins: readonly Origin[]; lane: string }[] = [
  { origins: ['webhook'],                    lane: 'live' },
  { origins: ['ops'],                        lane: 'live' },
  { origins: ['relationship'],               lane: 'live' },
  { origins: ['reconciliation'],             lane: 'reconciliation' },
  { origins: ['replay'],                     lane: 'replay' },
  { origins: ['backfill'],                   lane: 'backfill' },
  { origins: ['backfill', 'reconciliation'], lane: 'reconciliation' },
  { origins: ['replay', 'webhook'],          lane: 'live' },
]

test.each(lanes)('$origins go in the lane $lane (rulebook 12)', ({ origins, lane }) => {
  const hint = hintOf(...origins.map((origin) => ({ id: origin, origin })))
  assert.equal(laneOfHint(hint), lane)
})

test('a request that is one of many goes in a lower lane, unless something else is said of its record (rulebook 7)', () => {
  const asked = (bulk: boolean) =>
    toHint(
      event({
        ...{ id: 'r1', source: '/gateway', type: 'sync.request', origin: 'relationship' },
        data: { record: 'outreach:account:4101', reason: 'its parent was linked', bulk },
      }),
      kinds,
    )
  const many = asked(true)
  assert.ok(many)
  assert.equal(laneOfHint(many), 'reconciliation')
  assert.equal(laneOfHint(foldHints(many, hintOf({ id: 'e2' }))), 'live')
  const one = asked(false)
  assert.ok(one)
  assert.equal(laneOfHint(one), 'live')
})

test('a hint is kept under the record that it names, as event keys are written', () => {
  assert.equal(refOfHint(hintOf({}), kinds), 'outreach:account:4101')
  assert.equal(refOfHint(hintOf(ofWorkbooks({})), kinds), 'workbooks:organisation:226')
})

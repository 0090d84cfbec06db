import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Origin } from '../../../schemas/event.ts'
import { isAbandoned, makeHintQueue, sayDone, type Queued } from './hint-queue.ts'

function queued(id: string, more: Partial<Queued> = {}, origin: Origin = 'webhook'): Queued {
  const event = {
    ...{ id: `${id}/${origin}`, origin, action: 'updated', updatedAt: 0, changedAt: 0 },
    ...{ changed: {}, before: {}, links: {}, linksBefore: {} },
  }
  return {
    ref: `outreach:account:${id}`,
    hint: { kind: 'organisation', side: 'outreach', id, events: [event] },
    ...{ keys: [], readyAt: 0, isIdle: false, claims: [], parked: undefined, told: [] },
    ...more,
  }
}

const idle = { isIdle: true, readyAt: 5_000 }
const taken = (queue: ReturnType<typeof makeHintQueue>, now = 0, most = 100) =>
  queue.take(now, most).map(({ hint }) => hint.id)

function filled(...all: readonly Queued[]) {
  const queue = makeHintQueue()
  for (const one of all) queue.add(one)
  return queue
}

test('many hints about one record are one (rulebook 2)', () => {
  const queue = filled(queued('1'), queued('1', {}, 'replay'), queued('2'))
  const [first, second, ...rest] = queue.take(0, 100)
  assert.deepEqual(
    first?.hint.events.map(({ id }) => id),
    ['1/webhook', '1/replay'],
  )
  assert.equal(second?.hint.id, '2')
  assert.deepEqual(rest, [])
})

test('an event that came twice is there once (rulebook 2)', () => {
  const [one] = filled(queued('1'), queued('1')).take(0, 100)
  assert.equal(one?.hint.events.length, 1)
})

test('what goes before all lanes does, whatever lane it came by, and a later hint about its record keeps the place (rulebook 11)', () => {
  const queue = makeHintQueue(({ id, events }) => id === '3' && events.length === 1)
  for (const one of [queued('1'), queued('2'), queued('3', {}, 'backfill')]) queue.add(one)
  queue.add(queued('3', {}, 'replay'))
  assert.deepEqual(taken(queue, 0, 1), ['3'])
  assert.deepEqual(queue.countReady(0), { live: 2, lower: 0 })
})

test('the live lane goes first, then reconciliation, replay and backfill (rulebook 12)', () => {
  const lanes: readonly Origin[] = ['backfill', 'replay', 'reconciliation', 'ops']
  const queue = filled(...lanes.map((origin) => queued(String(lanes.indexOf(origin)), {}, origin)))
  assert.deepEqual(taken(queue), ['3', '2', '1', '0'])
})

test('a hint takes the best lane that one of its events came by', () => {
  const queue = filled(queued('1', {}, 'replay'), queued('2', {}, 'backfill'), queued('2'))
  assert.deepEqual(taken(queue), ['2', '1'])
})

test('no more are taken than asked for', () => {
  const queue = filled(queued('1'), queued('2'), queued('3'))
  assert.deepEqual([taken(queue, 0, 2), taken(queue)], [['1', '2'], ['3']])
})

test('a hint that names nothing waits for company, five seconds at most (rulebook 2)', () => {
  const queue = filled(queued('1', idle))
  assert.deepEqual([taken(queue, 4_999), queue.nextReadyAt()], [[], 5_000])
  assert.deepEqual(taken(queue, 5_000), ['1'])
})

test('... and goes along as soon as there is company', () => {
  const queue = filled(queued('1', idle), queued('2'))
  assert.deepEqual(taken(queue), ['2', '1'])
})

test('... but never takes the place of one that is ready', () => {
  const queue = filled(queued('1', idle), queued('2'), queued('3'))
  assert.deepEqual(taken(queue, 0, 2), ['2', '3'])
})

test('a prompt hint about the same record ends the waiting', () => {
  assert.deepEqual(taken(filled(queued('1', idle), queued('1'))), ['1'])
})

test('a lost create waits for its second look, and takes nobody along with it (rulebook 4)', () => {
  const queue = filled(queued('1', { readyAt: 5_000 }), queued('2'))
  assert.deepEqual([taken(queue), queue.waitingCount()], [['2'], 1])
})

test('a record in hand waits for itself: its events stay in order (product 5.3)', () => {
  const queue = filled(queued('1'))
  assert.deepEqual(taken(queue), ['1'])
  queue.add(queued('1'))
  assert.deepEqual([taken(queue), queue.nextReadyAt(), queue.inHandCount()], [[], undefined, 1])
  queue.finish('outreach:account:1')
  assert.deepEqual(taken(queue), ['1'])
})

test('what is folded is handled for all who asked', () => {
  const done: string[] = []
  const { signal } = new AbortController()
  const claim = (name: string) => ({ owned: signal, done: () => done.push(name) })
  const parked = { revision: 3, attempts: 2, cause: 'record', owned: signal }
  const one = queued('1', { claims: [claim('first')], keys: ['a'] })
  const two = queued('1', { claims: [claim('second')], keys: ['a', 'b'], parked }, 'ops')
  const [both] = filled(one, two).take(0, 100)
  assert.ok(both)
  assert.deepEqual([both.keys, both.parked], [['a', 'b'], parked])
  sayDone(both)
  assert.deepEqual(done, ['first', 'second'])
})

test('what another process has by now is dropped, and never called done', () => {
  const lost = new AbortController()
  const done: string[] = []
  const claim = (name: string, owned: AbortSignal) => ({ owned, done: () => done.push(name) })
  const gone = queued('1', { claims: [claim('gone', lost.signal)] })
  const both = queued('2', {
    claims: [claim('lost', lost.signal), claim('ours', new AbortController().signal)],
  })
  const row = { revision: 0, attempts: 1, cause: 'record', owned: new AbortController().signal }
  const parked = queued('3', { parked: row })
  const elsewhere = queued('4', { parked: { ...row, owned: lost.signal } })
  const queue = filled(gone, both, parked, elsewhere)
  lost.abort()
  assert.deepEqual([gone, both, parked, elsewhere].map(isAbandoned), [true, false, false, true])
  assert.deepEqual(queue.parkedRefs(), [parked.ref])
  queue.dropAbandoned()
  assert.deepEqual(taken(queue), ['2', '3'])
  sayDone(both)
  assert.deepEqual(done, ['ours'])
})

test('the ready ones are counted by lane', () => {
  const queue = filled(queued('1'), queued('2', {}, 'backfill'), queued('3', idle))
  assert.deepEqual(queue.countReady(0), { live: 1, lower: 1 })
})

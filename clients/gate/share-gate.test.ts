import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeSystemGate } from '../make-system-gate.ts'
import type { CallResult } from '../system-gate.ts'
import type { Call, Lane } from '../call.ts'
import { noCalls } from './gate-state.ts'
import type { Learnt } from './learnt.ts'

const start = Date.UTC(2026, 0, 1, 10, 0, 0)
const nothing: Learnt = { pause: null, circuit: null, budget: null }
const live: Call = { lane: 'live' }
const refused: CallResult = { kind: 'no-connection', why: 'refused' }
const answered: CallResult = { kind: 'answered' }

function aGate(callsPerHour?: number) {
  const clock = { now: start }
  const gate = makeSystemGate({
    system: 'outreach',
    now: () => clock.now,
    wait: () => new Promise(() => undefined),
    maxConcurrent: 10,
    ...(callsPerHour === undefined ? {} : { callsPerHour }),
    signals: { gateChanged: () => undefined },
  })
  const hear = (learnt: readonly Partial<Learnt>[], calls: Partial<Record<Lane, number>> = {}) =>
    gate.hear({
      hour: Math.floor(clock.now / 3_600_000),
      callsByLane: { ...noCalls, ...calls },
      learnt: learnt.map((one) => ({ ...nothing, ...one })),
    })
  const call = async (result: CallResult, as: Call = live) => (await gate.enter(as))(result)
  const isAway = async (as: Call = live) =>
    gate.enter(as).then(
      (leave) => {
        leave({ kind: 'no-verdict', wasSent: false })
        return false
      },
      () => true,
    )
  return { gate, clock, hear, call, isAway }
}

test('a wait that another process was told is obeyed, until it ends there or by time', async () => {
  const { gate, clock, hear, isAway } = aGate()
  hear([{ pause: { until: start + 5_000, why: 'it answered 429' } }, nothing])
  assert.equal(await isAway(), true)
  assert.equal(gate.status().pausedUntil, start + 5_000)
  hear([])
  assert.equal(await isAway(), false)
  hear([{ pause: { until: start + 5_000, why: 'it answered 429' } }])
  clock.now += 5_000
  assert.equal(await isAway(), false)
})

test('what was only heard is not told on: else it would never end', async () => {
  const { gate, hear, call } = aGate()
  const until = start + 5_000
  const budget = { left: 1, limit: 10, until }
  hear([{ pause: { until, why: '429' }, circuit: { since: start, until, why: 'x' }, budget }])
  assert.deepEqual(gate.learnt(), nothing)
  hear([])
  await call({ kind: 'paused', until, why: '429' })
  assert.deepEqual(gate.learnt().pause, { until, why: '429' })
})

test('the calls of all processes share one hour, and the last fifth of it is kept for live changes', async () => {
  const { gate, clock, hear, call, isAway } = aGate(10)
  await call(answered)
  hear([], { live: 4, backfill: 3 })
  assert.deepEqual(gate.status().callsThisHour, 8)
  assert.deepEqual([await isAway({ lane: 'backfill' }), await isAway()], [true, false])
  hear([], { live: 6, backfill: 3 })
  assert.equal(await isAway(), true)
  clock.now += 3_600_000
  assert.equal(await isAway(), false)
})

test('a budget that a system told another process binds as well, once it runs short', async () => {
  const { gate, hear, isAway } = aGate()
  gate.noteBudget({ left: 5_000, limit: 10_000, until: start + 60_000 })
  assert.equal(gate.learnt().budget, null)
  hear([{ budget: { left: 1_500, limit: 10_000, until: start + 60_000 } }])
  assert.deepEqual([await isAway({ lane: 'replay' }), await isAway()], [true, false])
  hear([{ budget: { left: 0, limit: 10_000, until: start + 60_000 } }])
  assert.equal(await isAway(), true)
})

test('a circuit that another process opened is open here, and closes with it', async () => {
  const { gate, hear, isAway } = aGate()
  hear([{ circuit: { since: start, until: start + 4_000, why: 'refused' } }])
  assert.deepEqual([gate.status().circuit, await isAway()], ['open', true])
  hear([])
  assert.deepEqual([gate.status().circuit, await isAway()], ['closed', false])
})

test('after its wait one call is our probe; failing, the circuit is our own', async () => {
  const { gate, clock, hear, call } = aGate()
  hear([{ circuit: { since: start, until: start + 4_000, why: 'refused' } }])
  clock.now += 4_000
  assert.equal(gate.status().circuit, 'half-open')
  await call(refused)
  assert.equal(gate.learnt().circuit?.since, clock.now)
  hear([])
  assert.equal(gate.status().circuit, 'open')
})

test('whoever is answered does not believe that the system is away', async () => {
  const { gate, clock, hear, call } = aGate()
  clock.now += 1_000
  await call(answered)
  hear([{ circuit: { since: start, until: start + 900_000, why: 'refused' } }])
  assert.equal(gate.status().circuit, 'closed')
})

test("another's circuit is believed for a minute at most, then we ask ourselves", async () => {
  const { gate, clock, hear, call } = aGate()
  const circuit = { since: start, until: start + 900_000, why: 'refused' }
  hear([{ circuit }])
  clock.now += 60_000
  hear([{ circuit }])
  assert.equal(gate.status().circuit, 'half-open')
  await call(answered)
  hear([{ circuit }])
  assert.equal(gate.status().circuit, 'closed')
})

test('while another process probes, the circuit stays open for us', async () => {
  const one = aGate()
  const { gate, hear } = aGate()
  await one.call(refused)
  hear([one.gate.learnt()])
  one.clock.now += 500
  await one.gate.enter(live)
  hear([one.gate.learnt()])
  assert.deepEqual([one.gate.status().circuit, gate.status().circuit], ['half-open', 'open'])
})

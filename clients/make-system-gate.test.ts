import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { RecordRef } from '../schemas/record-ref.ts'
import type { Call } from './call.ts'
import { SystemAway } from './errors.ts'
import { makeSystemGate } from './make-system-gate.ts'
import type { CallResult, GateStatus } from './system-gate.ts'

const live: Call = { lane: 'live' }
const about = (id: number): Call => ({ lane: 'live', about: `outreach:account:${id}` as RecordRef })
const failed: CallResult = { kind: 'failed', why: 'it answered 500' }
const refused: CallResult = { kind: 'no-connection', why: 'no connection (ECONNREFUSED)' }
const answered: CallResult = { kind: 'answered' }

function aGate(options: { maxConcurrent?: number; callsPerHour?: number } = {}) {
  let time = Date.UTC(2026, 0, 1, 10, 0, 0)
  const sleepers: { readonly at: number; readonly wake: () => void }[] = []
  const changes: GateStatus[] = []
  const gate = makeSystemGate({
    system: 'outreach',
    now: () => time,
    wait: (ms) => new Promise((wake) => sleepers.push({ at: time + ms, wake })),
    maxConcurrent: 10,
    signals: { gateChanged: (status) => changes.push(status) },
    ...options,
  })
  const pass = (ms: number) => {
    time += ms
    for (const { at, wake } of sleepers) if (at <= time) wake()
  }
  const call = async (result: CallResult, as: Call = live) => (await gate.enter(as))(result)
  const isAway = async (as: Call = live) => {
    const error: unknown = await gate.enter(as).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return error instanceof SystemAway ? error : undefined
  }
  return { gate, pass, call, isAway, changes, now: () => time }
}

test('a call that could not connect opens the circuit at once, and a probe closes it', async () => {
  const { gate, call, isAway, pass, changes } = aGate()
  await call(refused)
  assert.equal(gate.status().circuit, 'open')
  const away = await isAway()
  assert.match(away?.message ?? '', /outreach is not called now: no connection \(ECONNREFUSED\)/)
  pass(500)
  await call(answered)
  assert.equal(gate.status().circuit, 'closed')
  assert.deepEqual(
    changes.map(({ circuit }) => circuit),
    ['open', 'half-open', 'closed'],
  )
})

test('the waits of an open circuit grow to 15 minutes', async () => {
  const { call, isAway, pass, now } = aGate()
  const waits: number[] = []
  await call(refused)
  for (let at = 0; at < 13; at += 1) {
    const waitMs = ((await isAway())?.until ?? 0) - now()
    waits.push(waitMs / 1000)
    pass(waitMs)
    await call(failed)
  }
  assert.deepEqual(waits, [0.5, 1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 900, 900])
})

test('while the probe is under way nobody else passes', async () => {
  const { gate, call, isAway, pass } = aGate()
  await call(refused)
  pass(500)
  const leave = await gate.enter(live)
  assert.match((await isAway())?.message ?? '', /being tried again/)
  leave({ kind: 'no-verdict', wasSent: false })
  assert.equal(gate.status().circuit, 'half-open')
  await call(answered)
  assert.equal(gate.status().circuit, 'closed')
})

test('five failures in a row about different records open the circuit', async () => {
  const { gate, call } = aGate()
  for (const id of [1, 2, 3, 4]) await call(failed, about(id))
  assert.equal(gate.status().circuit, 'closed')
  await call(failed, about(5))
  assert.equal(gate.status().circuit, 'open')
})

test('one record that fails again and again opens nothing', async () => {
  const { gate, call } = aGate()
  for (let at = 0; at < 20; at += 1) await call(failed, about(1))
  assert.equal(gate.status().circuit, 'closed')
})

test('an answer in between starts the row of failures afresh', async () => {
  const { gate, call } = aGate()
  for (const id of [1, 2, 3, 4]) await call(failed, about(id))
  await call(answered)
  for (const id of [5, 6, 7, 8]) await call(failed, about(id))
  assert.equal(gate.status().circuit, 'closed')
})

test('calls that failed together make the wait grow only once', async () => {
  const { gate, isAway, now } = aGate()
  const leaves = await Promise.all([gate.enter(live), gate.enter(live), gate.enter(live)])
  for (const leave of leaves) leave(refused)
  assert.equal((await isAway())?.until, now() + 500)
})

test('a wait that one worker was told is obeyed by all, also by those that wait for their turn', async () => {
  const { gate, call, isAway, pass, now } = aGate({ maxConcurrent: 1 })
  const leave = await gate.enter(live)
  const second = isAway()
  leave({ kind: 'paused', until: now() + 60_000, why: 'it answered 429' })
  assert.equal((await second)?.until, now() + 60_000)
  assert.equal(gate.status().pausedUntil, now() + 60_000)
  assert.equal(gate.status().reason, 'it answered 429')
  pass(60_001)
  await call(answered)
  assert.equal(gate.status().pausedUntil, null)
})

test('a hold lasts until it is ended or lapses', async () => {
  const { gate, isAway, pass, now } = aGate()
  const end = gate.hold({ until: now() + 100, lapseAt: now() + 5_000, why: 'delayed' })
  pass(1_000)
  assert.notEqual(await isAway(), undefined)
  end()
  assert.equal(await isAway(), undefined)
  gate.hold({ until: now() + 100, lapseAt: now() + 5_000, why: 'delayed' })
  pass(5_000)
  assert.equal(await isAway(), undefined)
})

test('no more calls run at once than the bound; live goes first, then first come first served', async () => {
  const { gate } = aGate({ maxConcurrent: 1 })
  const order: string[] = []
  const first = await gate.enter(live)
  const lanes = ['backfill', 'replay', 'live', 'reconciliation', 'live'] as const
  const others = lanes.map(async (lane, at) => {
    const leave = await gate.enter({ lane })
    order.push(`${lane} ${at}`)
    leave(answered)
  })
  assert.deepEqual(order, [])
  first(answered)
  await Promise.all(others)
  assert.deepEqual(order, ['live 2', 'live 4', 'reconciliation 3', 'replay 1', 'backfill 0'])
})

test('a lower lane never takes the last 20 % of the hour, and live stops at the end of it', async () => {
  const { gate, call, isAway, pass, now } = aGate({ callsPerHour: 10 })
  const backfill: Call = { lane: 'backfill' }
  for (let at = 0; at < 8; at += 1) await call(answered, backfill)
  assert.match((await isAway(backfill))?.message ?? '', /kept for live changes/)
  assert.equal(gate.status().pausedUntil, null)
  await call(answered)
  await call(answered)
  const away = await isAway()
  assert.equal(away?.until, now() + 3_600_000)
  assert.match(away.message, /the 10 calls of this hour are used up/)
  assert.deepEqual(gate.status().callsByLane, {
    live: 2,
    reconciliation: 0,
    replay: 0,
    backfill: 8,
  })
  pass(3_600_000)
  await call(answered)
  assert.equal(gate.status().callsThisHour, 1)
})

test("the system's own count of what is left binds as well", async () => {
  const { gate, call, isAway, now } = aGate({ callsPerHour: 10_000 })
  gate.noteBudget({ left: 1, limit: 100, until: now() + 60_000 })
  assert.equal((await isAway({ lane: 'replay' }))?.until, now() + 60_000)
  await call(answered)
  assert.equal((await isAway())?.until, now() + 60_000)
})

test('what never left is not counted, and a hop of a call that left is', async () => {
  const { gate, call } = aGate()
  await call({ kind: 'no-verdict', wasSent: false })
  assert.equal(gate.status().callsThisHour, 0)
  gate.count('live')
  assert.equal(gate.status().callsThisHour, 1)
})

test('whenOpen resolves when a pause ends by time, when a probe may go, and at once while open', async () => {
  const { gate, call, pass, now } = aGate()
  const never = new AbortController()
  await gate.whenOpen(never.signal)
  await call({ kind: 'paused', until: now() + 1_000, why: 'told' })
  const open = gate.whenOpen(never.signal)
  pass(1_000)
  await open
  await call(refused)
  const probe = gate.whenOpen(never.signal)
  pass(500)
  await probe
})

test('who gives up while waiting leaves the queue with the reason', async () => {
  const { gate } = aGate({ maxConcurrent: 1 })
  const leave = await gate.enter(live)
  const quitter = new AbortController()
  const waiting = gate.enter({ lane: 'live', signal: quitter.signal })
  quitter.abort(new Error('shutting down'))
  await assert.rejects(waiting, /shutting down/)
  leave(answered)
  const closing = new AbortController()
  const paused = gate.enter(live)
  ;(await paused)({ kind: 'paused', until: Number.MAX_SAFE_INTEGER, why: 'told' })
  const open = gate.whenOpen(closing.signal)
  closing.abort(new Error('shutting down'))
  await assert.rejects(open, /shutting down/)
})

test('a wait that would last for ever is cut to a day', async () => {
  const { gate, call, now } = aGate()
  await call({ kind: 'paused', until: Number.MAX_SAFE_INTEGER, why: 'told' })
  assert.equal(gate.status().pausedUntil, now() + 24 * 3_600_000)
})

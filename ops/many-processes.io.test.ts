import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { makeSystemGate } from '../clients/make-system-gate.ts'
import type { EventLog } from '../event-log/event-log.ts'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { makeCalls } from '../state/calls.ts'
import { makeFacts } from '../state/facts.ts'
import { migrations } from '../state/schema.ts'
import { makeVerbDeps } from './make-verb-deps.ts'
import type { Pausable } from './pausable.ts'
import { makeReadStatus } from './read-status.ts'
import { makeReportProcess } from './report-process.ts'
import { makeShareGates } from './share-gates.ts'

const live = { lane: 'live' } as const
const hourMs = 3_600_000

async function openWorld() {
  const dir = mkdtempSync(join(tmpdir(), 'many-'))
  const store = await openEmbeddedState({ dir, migrations })
  const clock = { now: Date.UTC(2026, 0, 1, 10, 0, 0) }
  const now = () => clock.now
  const fail = (error: unknown) => assert.fail(String(error))
  let isAway = false
  const stops: (() => Promise<void>)[] = []
  const door = {
    read: store.read,
    write: (statements: Parameters<typeof store.write>[0]) =>
      isAway ? Promise.reject(new Error('away')) : store.write(statements),
  }
  /** A process: its gate, what it shares, and what it signs. */
  const open = (process: string, callsPerHour = 100) => {
    const gate = makeSystemGate({
      ...{ system: 'outreach', now, maxConcurrent: 10, callsPerHour },
      wait: () => new Promise(() => undefined),
      signals: { gateChanged: () => undefined },
    })
    const share = makeShareGates({ store: door, gates: [gate], process, now })
    const report = makeReportProcess({
      ...{ store, gates: [gate], roles: ['consumers'], spool: undefined, pid: 1, process, now },
      outcomeRetentionMs: hourMs,
      signals: { stateAway: fail },
    })
    stops.push(report.stop)
    const call = async () => {
      share.called({ system: 'outreach', lane: 'live' })
      ;(await gate.enter(live))({ kind: 'answered' })
    }
    const seen = async () => {
      await share.hear()
      return gate.status().callsThisHour
    }
    return { gate, share, report, call, seen }
  }
  const nothing = () => Promise.resolve()
  const unasked = () => assert.fail('The log is not asked here')
  const log: EventLog = {
    lags: () => Promise.resolve([]),
    ...{ append: unasked, subscribe: unasked, read: unasked, partitionsOf: unasked },
    ...{ health: unasked, [Symbol.asyncDispose]: nothing },
  }
  const sources = {
    ...{ store, builtKinds: [], now, flush: nothing, log },
    limits: { hour: { outreach: 100, workbooks: null }, year: { outreach: null, workbooks: null } },
  }
  const status = makeReadStatus(sources)
  const verbs = makeVerbDeps({
    ...{ ...sources, pausesChanged: nothing },
    ...{ randomId: () => 'an id', randomBytes: (size) => Buffer.alloc(size) },
  })
  return {
    ...{ store, clock, open, status },
    resume: (system: Pausable) => verbs.pauses.clear(system, 'test'),
    setAway: (away: boolean) => {
      isAway = away
    },
    outreach: async () => {
      const found = (await status()).systems.find(({ system }) => system === 'outreach')
      return [found?.circuit, found?.pausedUntil ?? null, found?.callsThisHour]
    },
    [Symbol.asyncDispose]: async () => {
      for (const stop of stops) await stop()
      await store[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true })
    },
  }
}

test('every process counts the calls of all, its own once', async () => {
  await using world = await openWorld()
  const [one, other] = [world.open('one'), world.open('other')]
  await one.call()
  await one.call()
  await other.call()
  await one.share.tell()
  assert.deepEqual([await one.seen(), await other.seen()], [2, 3])
  await other.share.tell()
  await one.call()
  assert.deepEqual([await one.seen(), await other.seen()], [4, 3])
  // A process that starts again does not begin at nothing.
  assert.equal(await world.open('third').seen(), 3)
  world.clock.now += hourMs
  assert.deepEqual([await one.seen(), await other.seen()], [0, 0])
})

test('calls that could not be told are told later', async () => {
  await using world = await openWorld()
  const { share, call } = world.open('one')
  await call()
  world.setAway(true)
  await assert.rejects(share.tell(), /away/)
  world.setAway(false)
  await share.tell()
  await share.tell()
  assert.equal(await makeCalls(world.store).since('outreach', world.clock.now), 1)
})

test('a wait that one was told is known to the other, and to one that starts, before its first call', async () => {
  await using world = await openWorld()
  const [one, other] = [world.open('one'), world.open('other')]
  const until = world.clock.now + 60_000
  ;(await one.gate.enter(live))({ kind: 'paused', until, why: 'it answered 429' })
  await one.share.tell()
  await other.share.hear()
  assert.equal(other.gate.status().pausedUntil, until)
  // Whoever was told it may end; the wait does not.
  await world.store.write(one.share.farewell())
  const third = world.open('third')
  await third.report.start()
  assert.equal(third.gate.status().pausedUntil, until)
  assert.deepEqual(await world.outreach(), ['closed', new Date(until).toISOString(), 0])
})

test('"ops resume outreach" ends a wait in every living process, whoever was told it, and it does not come back', async () => {
  await using world = await openWorld()
  const [dead, one, other] = [world.open('dead'), world.open('one'), world.open('other')]
  const hours = world.clock.now + 5 * hourMs
  ;(await dead.gate.enter(live))({ kind: 'paused', until: hours, why: 'it answered 429' })
  ;(await one.gate.enter(live))({ kind: 'paused', until: hours + 1, why: 'it answered 429' })
  /** What every process does each second. */
  const aSecond = async () => {
    for (const { share } of [one, other]) {
      await share.tell()
      await share.hear()
    }
  }
  const waits = () => [one, other].map(({ gate }) => gate.status().pausedUntil)
  await dead.share.tell()
  await aSecond()
  assert.deepEqual(waits(), [hours + 1, hours + 1])

  await world.resume('outreach')
  await aSecond()
  assert.deepEqual(waits(), [null, null])
  await aSecond()
  assert.deepEqual(
    [waits(), await world.outreach()],
    [
      [null, null],
      ['closed', null, 0],
    ],
  )

  // What the system says from now on holds again.
  ;(await other.gate.enter(live))({ kind: 'paused', until: hours, why: 'it answered 429' })
  await aSecond()
  await aSecond()
  assert.deepEqual(waits(), [hours, hours])
})

test('the status shows the process that is worst off, and forgets one that died', async () => {
  await using world = await openWorld()
  const [one, other] = [world.open('one'), world.open('other')]
  await one.report.start()
  await other.report.start()
  await other.call()
  await other.share.tell()
  ;(await one.gate.enter(live))({ kind: 'no-connection', why: 'refused' })
  await one.report.flush()
  await other.report.flush()
  assert.equal((await world.outreach())[0], 'open')
  world.clock.now += 30_000
  await world.open('third').report.start()
  assert.equal((await world.outreach())[0], 'closed')
  assert.deepEqual(
    (await world.status()).roles.map(({ role, pid, alive }) => [role, pid, alive]),
    [
      ['consumers', 1, false],
      ['consumers', 1, false],
      ['consumers', 1, true],
    ],
  )
  await one.report.stop()
  const names = [...(await makeFacts(world.store).readAll('role:')).keys()]
  assert.deepEqual(names, ['role:consumers:other', 'role:consumers:third'])
})

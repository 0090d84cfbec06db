import assert from 'node:assert/strict'
import { afterEach, beforeEach, test, vi } from 'vitest'
import { SystemAway } from '../../../clients/errors.ts'
import { makeSystemGate } from '../../../clients/make-system-gate.ts'
import { openEngine } from './open-engine.fixture.ts'

const start = Date.UTC(2026, 0, 1)
const until = start + 3 * 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: start }))
afterEach(() => void vi.useRealTimers())

test('a hint that was told to wait for hours goes on as soon as an operator lifts the wait', async () => {
  const gate = makeSystemGate({
    ...{ system: 'outreach', maxConcurrent: 10, now: Date.now },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    signals: { gateChanged: () => undefined },
  })
  let tries = 0
  const engine = openEngine({
    gates: [gate],
    work: async () => {
      tries += 1
      const leave = await gate.enter({ lane: 'live' })
      if (tries > 1) {
        leave({ kind: 'answered' })
        return { kind: 'settled' }
      }
      leave({ kind: 'paused', until, why: 'it answered 429' })
      throw new SystemAway('429', { system: 'outreach', status: 429, until })
    },
  })
  engine.add('4101')
  await vi.advanceTimersByTimeAsync(60_000)
  assert.deepEqual([tries, gate.status().pausedUntil], [1, until])
  gate.lift()
  await vi.advanceTimersByTimeAsync(1_000)
  assert.deepEqual([tries, gate.status().pausedUntil], [2, null])
  const stopped = engine.stop()
  await vi.advanceTimersByTimeAsync(0)
  await stopped
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, test, vi } from 'vitest'
import { StateUnavailable } from '../../../state/state-unavailable.ts'
import { openEngine } from './open-engine.fixture.ts'

/** Every try of a hint reads both systems, 20 ms, before it writes into the state. */
function open() {
  let [reads, isAway] = [0, true]
  const settled = new Set<string>()
  const engine = openEngine({
    work: async (id) => {
      reads += 2
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (isAway) throw new StateUnavailable('The state is away')
      settled.add(id)
      return { kind: 'settled' }
    },
  })
  const comesBack = () => {
    isAway = false
  }
  return { ...engine, settled, reads: () => reads, comesBack }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function stop({ stop }: ReturnType<typeof open>) {
  const stopped = stop()
  await vi.advanceTimersByTimeAsync(0)
  await stopped
}

test('a state that is away costs what was under way, then one hint now and then, however many wait', async () => {
  const engine = open()
  for (let id = 1; id <= 500; id += 1) engine.add(String(id))
  await vi.advanceTimersByTimeAsync(60_000)
  // 200 hints in hand, and tries after 1 s, 2, 4, 8, 10, 10, 10, 10.
  assert.ok(engine.reads() >= 2 && engine.reads() <= 2 * (200 + 9), `${engine.reads()} reads`)
  assert.equal(engine.settled.size, 0)

  engine.comesBack()
  await vi.advanceTimersByTimeAsync(13_000)
  assert.equal(engine.settled.size, 500)
  await stop(engine)
})

test('one that gets through ends the waiting of all', async () => {
  const engine = open()
  for (let id = 1; id <= 50; id += 1) engine.add(String(id))
  await vi.advanceTimersByTimeAsync(500)
  engine.comesBack()
  // One after the other they would take a second more.
  await vi.advanceTimersByTimeAsync(1_000)
  assert.equal(engine.settled.size, 50)
  await stop(engine)
})

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { findUntold, type Events } from '../kill-nine/checks.ts'
import type { Town } from './open-town.ts'

/** All events, once every outcome is among them: what a killed process did not tell, the others tell a minute later. */
export async function untilTold(town: Town): Promise<Events> {
  await using store = await town.openState()
  const until = Date.now() + 100_000
  for (;;) {
    const events = await town.readEvents()
    const untold = await findUntold(store, events)
    if (untold.length === 0) return events
    if (Date.now() > until) assert.deepEqual(untold, [], 'outcomes that nobody was told of')
    await sleep(1_000)
  }
}

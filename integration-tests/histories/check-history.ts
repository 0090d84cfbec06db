import type { GatewayEvent } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'
import type { House } from '../start-house.ts'
import { assertConverged } from './assert-converged.ts'
import { assertNothingLostSilently } from './assert-nothing-silent.ts'
import type { History } from './make-history.ts'

/** What must hold of every history once everything is quiet. */
export async function checkHistory(house: House, history: History): Promise<void> {
  // The log holds what the sync's schema allows.
  const events = (await house.events('sync.outcome')) as readonly GatewayEvent[]
  const outcomes = events.map(({ data }) => data as Outcome)
  assertConverged(history, outcomes)
  assertNothingLostSilently(history, outcomes)
}

import type { EventLog } from '../../../event-log/event-log.ts'
import type { Outcome } from '../../../schemas/outcome.ts'
import { makeOutcomes, markPublished } from '../../../state/outcomes.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { toOutcomeEntry } from './publish-outcomes.ts'

type Deps = {
  readonly log: Pick<EventLog, 'append'>
  readonly store: StateStore
  readonly now: () => number
}

/** Younger ones may be about to be published by the process that wrote them. */
export const leftoverMs = 60_000

const leftoversAtOnce = 200

/**
 * Publishes outcomes that a crash, or a rebalance, caught between the state and the log, the oldest
 * first, one process at a time. `olderThanMs`: 0 where no other process works on this state.
 */
export async function publishLeftovers(
  { log, store, now }: Deps,
  olderThanMs: number,
): Promise<void> {
  const outcomes = makeOutcomes(store)
  const until = now() - olderThanMs
  // Mostly there are none, and nobody has to be kept out.
  if ((await outcomes.unpublished(until, 1)).length === 0) return
  await store.exclusively(['leftovers'], async (held) => {
    while (!held.aborted) {
      const left = await outcomes.unpublished(until, leftoversAtOnce)
      if (left.length === 0) return
      await log.append(
        left.map(({ id, record, body }) => {
          // The table holds only what the sync printed.
          const outcome = JSON.parse(body) as Outcome
          return toOutcomeEntry({ id, outcome }, { ref: record, origin: 'webhook' })
        }),
      )
      await store.write([markPublished(left.map(({ id }) => id))])
    }
  })
}

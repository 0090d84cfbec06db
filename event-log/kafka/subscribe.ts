import type { EventLog, Subscribe, Subscription } from '../event-log.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { toCalledOff } from '../to-called-off.ts'
import { startSubscription } from './subscription.ts'
import type { SubscriptionDeps } from './subscription.ts'

export type KafkaSubscribe = {
  /**
   * Resolves when the group is joined and its positions are fixed, however long Kafka is away until
   * then; rejects with LogRefused where that will never be, with LogUnavailable where it was called off.
   */
  readonly subscribe: EventLog['subscribe']
  /** The groups that were subscribed here, without the prefix. */
  readonly groups: () => readonly string[]
  /** Stops every subscription: commits what is done, leaves the groups. */
  readonly end: () => Promise<void>
}

/**
 * A group is subscribed once in a process: kafkajs keeps the offsets of a group once per client, and
 * its assigner takes all members to read the same topics.
 */
export function makeKafkaSubscribe(deps: SubscriptionDeps): KafkaSubscribe {
  const running = new Map<string, Subscription>()
  const seen = new Set<string>()
  let isEnded = false

  const begin = (what: Subscribe, take: Parameters<EventLog['subscribe']>[1]) => {
    if (isEnded) throw new LogUnavailable('The event log is closed.')
    if (what.signal?.aborted === true) throw toCalledOff(what.group)
    if (running.has(what.group)) {
      throw new LogRefused(
        `Group ${what.group} is subscribed already in this process. Stop that subscription first, or use another group.`,
      )
    }
    const subscription = startSubscription(
      deps,
      { ...what, topics: [...new Set(what.topics)] },
      take,
    )
    running.set(what.group, subscription)
    seen.add(what.group)
    return subscription
  }

  return {
    subscribe: async (what, take) => {
      const { begun, pause, resume, stop } = begin(what, take)
      const release = () => running.delete(what.group)
      // It rejects `begun` at once; what had begun to join is over when it resolves.
      const callOff = () => void stop().finally(release)
      what.signal?.addEventListener('abort', callOff, { once: true })
      try {
        await begun
      } catch (error) {
        if (what.signal?.aborted !== true) release()
        throw error
      } finally {
        what.signal?.removeEventListener('abort', callOff)
      }
      return { pause, resume, stop: () => stop().finally(release) }
    },
    groups: () => [...seen],
    end: async () => {
      isEnded = true
      await Promise.all([...running.values()].map((subscription) => subscription.stop()))
    },
  }
}

import type { EventLog, Kept } from '../event-log.ts'
import { LogRefused } from '../log-refused.ts'
import { toCalledOff } from '../to-called-off.ts'
import type { GroupCommit } from './group-commit.ts'
import type { LogThread } from './log-thread.ts'
import type { Page, TopicHead } from './messages.ts'
import { makeSubscription } from './subscription.ts'
import type { EmbeddedSubscription } from './subscription.ts'

type Deps = {
  readonly thread: Pick<LogThread, 'ask'>
  readonly group: Pick<GroupCommit, 'mark' | 'marksKept'>
  readonly read: (page: Page) => Promise<readonly Kept[]>
}

export type Subscriptions = {
  readonly subscribe: EventLog['subscribe']
  readonly advanced: (heads: readonly TopicHead[]) => void
  /** Ends all of them: nothing more is handed out, nothing that is in hand can be done. */
  readonly end: () => void
}

/** A topic has one partition here, so within a group it has one reader. */
export function makeSubscriptions({ thread, group, read }: Deps): Subscriptions {
  const running = new Set<EmbeddedSubscription>()
  const claims = new Set<string>()
  /** Heads may pass a `join` on its way back; what a subscription missed it finds here. */
  const heads = new Map<string, number>()

  const claim = (what: { readonly group: string; readonly topics: readonly string[] }) => {
    const names = what.topics.map((topic) => JSON.stringify([what.group, topic]))
    const taken = names.find((name) => claims.has(name))
    if (taken !== undefined) {
      throw new LogRefused(
        `Group and topic ${taken} are subscribed already in this process. Stop that subscription first, or use another group.`,
      )
    }
    for (const name of names) claims.add(name)
    return () => {
      for (const name of names) claims.delete(name)
    }
  }

  return {
    subscribe: async (subscribe, take) => {
      const what = { ...subscribe, topics: [...new Set(subscribe.topics)] }
      const release = claim(what)
      try {
        const { group: name, topics, startFrom } = what
        const callOff = () => {
          if (what.signal?.aborted === true) throw toCalledOff(name)
        }
        callOff()
        const joined = await thread.ask({ kind: 'join', group: name, topics, startFrom })
        callOff()
        const subscription = makeSubscription({
          read: (topic, offset, limit) => read({ topic, from: { offset }, limit }),
          mark: group.mark,
          marksKept: group.marksKept,
          what,
          joined,
          take,
        })
        running.add(subscription)
        for (const [topic, head] of heads) subscription.advanced(topic, head)
        return {
          pause: subscription.pause,
          resume: subscription.resume,
          stop: async () => {
            running.delete(subscription)
            await subscription.stop().finally(release)
          },
        }
      } catch (error) {
        release()
        throw error
      }
    },
    advanced: (grown) => {
      for (const { topic, head } of grown) {
        heads.set(topic, head)
        for (const subscription of running) subscription.advanced(topic, head)
      }
    },
    end: () => {
      for (const subscription of running) subscription.end()
      running.clear()
    },
  }
}

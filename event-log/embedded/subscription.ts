import type { Handed, Kept, Subscribe, Subscription, Take } from '../event-log.ts'
import type { Joined, Mark } from './messages.ts'
import { makeInHand } from '../in-hand.ts'
import type { InHand } from '../in-hand.ts'

const MAX_PAGE = 500
/** After a read that failed: 1 s, for a disk that is full or away seldom comes back at once. */
const RETRY_MS = 1_000

type Deps = {
  readonly read: (topic: string, offset: number, limit: number) => Promise<readonly Kept[]>
  readonly mark: (mark: Mark) => void
  readonly marksKept: () => Promise<void>
  readonly what: Subscribe
  readonly joined: Joined
  readonly take: Take
}

type TopicState = {
  readonly topic: string
  readonly hand: InHand
  next: number
  head: number
  marked: number
}

export type EmbeddedSubscription = Subscription & {
  /** The topic has grown up to `head`. */
  readonly advanced: (topic: string, head: number) => void
  /** Hands out nothing more, without waiting for anything. */
  readonly end: () => void
}

/** Reads only while there is room in hand and something to read; appends wake it, nothing polls. */
export function makeSubscription(deps: Deps): EmbeddedSubscription {
  const { what, take } = deps
  const owned = new AbortController()
  const topics: TopicState[] = deps.joined.map((topic) => ({
    ...topic,
    marked: topic.next,
    hand: makeInHand(),
  }))
  let isPaused = false
  let isEnded = false
  let isPumping = false
  let retryTimer: NodeJS.Timeout | undefined

  const room = () => what.maxInHand - topics.reduce((sum, { hand }) => sum + hand.count(), 0)
  const mayHand = () => !isPaused && !isEnded && room() > 0

  /** The one whose turn it is goes to the back, so that a busy topic starves no other. */
  const nextTopic = (): TopicState | undefined => {
    const index = topics.findIndex(({ next, head }) => next < head)
    const [topic] = index < 0 ? [] : topics.splice(index, 1)
    if (topic !== undefined) topics.push(topic)
    return topic
  }

  const finish = (state: TopicState, isNews: boolean) => {
    if (!isNews) return
    const next = state.hand.mark()
    if (next !== undefined && next !== state.marked) {
      state.marked = next
      deps.mark({ group: what.group, topic: state.topic, next })
    }
    void pump()
  }

  const hand = (state: TopicState, kept: readonly Kept[]) => {
    const handed = kept.map((entry): Handed => {
      const offset = Number(entry.at.offset)
      const done = state.hand.take(offset)
      state.next = offset + 1
      return {
        ...entry,
        done: () => {
          if (!isEnded) finish(state, done())
        },
      }
    })
    if (handed.length === 0)
      state.next = state.head // all of it is past its retention
    else take(handed, owned.signal)
  }

  const pump = async () => {
    if (isPumping) return
    isPumping = true
    try {
      for (;;) {
        const state = mayHand() ? nextTopic() : undefined
        if (state === undefined) break
        const kept = await deps.read(state.topic, state.next, Math.min(room(), MAX_PAGE))
        if (mayHand()) hand(state, kept)
      }
    } catch {
      // The log's health tells; what was not handed out is read again.
      if (!isEnded) retryTimer = setTimeout(() => void pump(), RETRY_MS).unref()
    } finally {
      isPumping = false
    }
  }

  const end = () => {
    isEnded = true
    clearTimeout(retryTimer)
    owned.abort()
  }
  void pump()

  return {
    pause: () => {
      isPaused = true
    },
    resume: () => {
      isPaused = false
      void pump()
    },
    stop: async () => {
      if (isEnded) return
      end()
      await deps.marksKept()
    },
    advanced: (topic, head) => {
      const state = topics.find((one) => one.topic === topic)
      if (state === undefined || head <= state.head) return
      state.head = head
      void pump()
    },
    end,
  }
}

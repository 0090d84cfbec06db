import type { Random } from './seeded-random.ts'

/** How badly the network between Workbooks and us behaves; shares are probabilities from 0 to 1. */
export type Disorder = {
  readonly delayMs: readonly [least: number, most: number]
  /** The very same POST twice. */
  readonly duplicates: number
  /** The same body again with a new token. */
  readonly resigned: number
  readonly reorder: number
  readonly drops: number
  /** After a connection failure only: every HTTP answer counts as delivered. */
  readonly retries: number
  readonly retryMs: number
}

export const calmDisorder: Disorder = {
  delayMs: [0, 5],
  duplicates: 0,
  resigned: 0,
  reorder: 0,
  drops: 0,
  retries: 5,
  retryMs: 200,
}

export type Post = {
  /** Posts of one key leave in their order, unless reordered. */
  readonly key: string
  readonly url: string
  readonly body: string
  /** Asked again for every attempt that signs anew. */
  readonly headers: () => Readonly<Record<string, string>>
}

export type DeliveryCounts = {
  readonly sent: number
  readonly dropped: number
  readonly failed: number
  readonly byStatus: Readonly<Record<string, number>>
}

export type Deliveries = {
  readonly send: (post: Post) => void
  readonly setDisorder: (disorder: Partial<Disorder>) => void
  readonly disorder: () => Disorder
  readonly counts: () => DeliveryCounts
  /** Resolves when nothing is under way or waiting. */
  readonly whenQuiet: () => Promise<void>
}

type Deps = {
  readonly fetch: typeof fetch
  readonly random: Random
  readonly wait: (ms: number) => Promise<void>
  readonly disorder: Disorder
  readonly signal: AbortSignal
}

const timeoutMs = 15_000

export const makeDeliveries = (deps: Deps): Deliveries => {
  const { random, wait, signal } = deps
  let disorder = deps.disorder
  const chains = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()
  const byStatus: Record<string, number> = {}
  const counts = { sent: 0, dropped: 0, failed: 0 }
  const happens = (share: number): boolean => share > 0 && random.next() < share

  const post = async (one: Post, headers: Readonly<Record<string, string>>): Promise<boolean> => {
    try {
      const answer = await deps.fetch(one.url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: one.body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      await answer.arrayBuffer()
      counts.sent += 1
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1
      return true
    } catch {
      return false
    }
  }

  const deliver = async (one: Post, waitMs: number): Promise<void> => {
    await wait(waitMs)
    for (let attempt = 0; attempt <= disorder.retries && !signal.aborted; attempt += 1) {
      const headers = one.headers()
      if (await post(one, headers)) {
        if (happens(disorder.duplicates)) await post(one, headers)
        if (happens(disorder.resigned)) await post(one, one.headers())
        return
      }
      if (attempt < disorder.retries) await wait(disorder.retryMs)
    }
    counts.failed += 1
  }

  const track = (work: Promise<void>): Promise<void> => {
    const tracked = work.finally(() => running.delete(tracked))
    running.add(tracked)
    return tracked
  }

  const send = (one: Post): void => {
    if (signal.aborted) return
    if (happens(disorder.drops)) {
      counts.dropped += 1
      return
    }
    const [least, most] = disorder.delayMs
    const waitMs = least + random.next() * (most - least)
    if (happens(disorder.reorder)) {
      void track(deliver(one, waitMs + 2 * most + 10))
      return
    }
    const before = chains.get(one.key) ?? Promise.resolve()
    const chained = track(before.then(() => deliver(one, waitMs)))
    chains.set(one.key, chained)
    void chained.then(() => {
      if (chains.get(one.key) === chained) chains.delete(one.key)
    })
  }

  const whenQuiet = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running)
  }

  return {
    send,
    whenQuiet,
    disorder: () => disorder,
    setDisorder: (given) => {
      disorder = { ...disorder, ...given }
    },
    counts: () => ({ ...counts, byStatus: { ...byStatus } }),
  }
}

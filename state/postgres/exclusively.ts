import { makeExclusion } from '../exclusion.ts'
import type { StateStore } from '../state-store.ts'
import type { AdvisoryLocks } from './advisory-locks.ts'
import { toClosed } from './advisory-locks.ts'

type Deps = {
  readonly locks: AdvisoryLocks
  readonly toLockId: (key: string) => string
}

export type Exclusively = Pick<StateStore, 'exclusively'> & {
  /** Rejects whoever waits; resolves when the works in hand are done and their locks are gone. */
  readonly close: () => Promise<void>
  readonly isIdle: () => boolean
}

/**
 * Exclusion over all processes: first the line within this one, then PostgreSQL's lock. The line is one
 * of lock numbers, not of keys: an advisory lock is given twice to one session, so two keys of one
 * number must wait for each other here.
 */
export function makeExclusively({ locks, toLockId }: Deps): Exclusively {
  const line = makeExclusion()
  const inHand = new Set<Promise<unknown>>()
  const waiting = new Set<() => void>()
  let closing: Promise<void> | undefined

  const workWith = async <Result>(
    ids: readonly string[],
    begin: (lost: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ) => {
    if (closing !== undefined) throw toClosed()
    if (ids.length === 0) return begin(new AbortController().signal)
    const hold = await locks.take(ids, signal)
    try {
      return await begin(hold.lost)
    } finally {
      hold.release()
    }
  }
  const close = async () => {
    for (const reject of waiting) reject()
    waiting.clear()
    await Promise.allSettled(inHand)
    await locks.close()
  }

  return {
    exclusively: (keys, work, signal) =>
      new Promise((resolve, reject) => {
        const ids = [...new Set(keys.map(toLockId))].sort()
        const stopWaiting = () => reject(toClosed())
        waiting.add(stopWaiting)
        const begin = (held: AbortSignal) => {
          if (!waiting.delete(stopWaiting)) throw toClosed()
          const working = work(held)
          inHand.add(working)
          return working.finally(() => inHand.delete(working))
        }
        line
          .exclusively(ids, () => workWith(ids, begin, signal), signal)
          .then(resolve, reject)
          .finally(() => waiting.delete(stopWaiting))
      }),
    close: () => (closing ??= close()),
    isIdle: () => inHand.size === 0,
  }
}

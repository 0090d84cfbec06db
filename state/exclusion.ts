import type { StateStore } from './state-store.ts'

/**
 * Exclusion within one process, first come first served on every key. A caller joins the lines of all
 * its keys in one step, so whoever came first is always at the front of each of its lines: no circle.
 */
export function makeExclusion(): Pick<StateStore, 'exclusively'> {
  /** The end of each key's line; a key that nobody holds or awaits is not here. */
  const lineEnds = new Map<string, Promise<unknown>>()

  return {
    exclusively: async (keys, work) => {
      const sorted = [...new Set(keys)].sort()
      const before = Promise.all(sorted.map((key) => lineEnds.get(key) ?? Promise.resolve()))
      const held = new AbortController() // in one process a hold is never lost
      const turn = before.then(() => work(held.signal))
      const left = turn.then(
        () => undefined,
        () => undefined,
      )
      for (const key of sorted) lineEnds.set(key, left)
      try {
        return await turn
      } finally {
        for (const key of sorted) if (lineEnds.get(key) === left) lineEnds.delete(key)
      }
    },
  }
}

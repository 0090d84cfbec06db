import type { StateStore } from './state-store.ts'

/**
 * Exclusion within one process, first come first served on every key. A caller joins the lines of all
 * its keys in one step, so whoever came first is always at the front of each of its lines: no circle.
 */
export function makeExclusion(): Pick<StateStore, 'exclusively'> {
  /** The end of each key's line; a key that nobody holds or awaits is not here. */
  const lineEnds = new Map<string, Promise<unknown>>()

  return {
    exclusively: (keys, work, signal) => {
      const before = new Map(
        [...new Set(keys)].sort().map((key) => [key, lineEnds.get(key) ?? Promise.resolve()]),
      )
      const held = new AbortController() // in one process a hold is never lost
      const { calledOff, begin } = makeCallOff(signal)
      const turn = Promise.all(before.values()).then(() => {
        begin()
        return work(held.signal)
      })
      const left = turn.then(
        () => undefined,
        () => undefined,
      )
      for (const [key, lineBefore] of before) {
        // Who was called off no longer stands between those before and those after it.
        const end = Promise.race([left, calledOff.catch(() => lineBefore)])
        lineEnds.set(key, end)
        void end.then(() => {
          if (lineEnds.get(key) === end) lineEnds.delete(key)
        })
      }
      return Promise.race([turn, calledOff])
    },
  }
}

/** `calledOff` rejects with the signal's reason where it aborts before `begin`, which throws it then. */
function makeCallOff(signal: AbortSignal | undefined) {
  let giveUp = () => {}
  const calledOff = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal?.reason as Error) // passed on as it came
  })
  if (signal?.aborted === true) giveUp()
  signal?.addEventListener('abort', giveUp, { once: true })
  return {
    calledOff,
    begin: () => {
      signal?.throwIfAborted()
      signal?.removeEventListener('abort', giveUp)
    },
  }
}

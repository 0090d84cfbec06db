import { setTimeout as wait } from 'node:timers/promises'

const lookEveryMs = 50
const longestMs = 60_000

/** Resolves when the product at this address says that it is ready; `isOver` ends the waiting. */
export async function untilReady(url: string, isOver = () => false): Promise<void> {
  const until = performance.now() + longestMs
  while (!(await isReady(url))) {
    if (isOver()) throw new Error('the product ended before it was ready')
    if (performance.now() > until) throw new Error(`the product was not ready in ${longestMs} ms`)
    await wait(lookEveryMs)
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

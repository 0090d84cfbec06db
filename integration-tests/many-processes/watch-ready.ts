import { setTimeout as sleep } from 'node:timers/promises'
import type { Lot } from './open-town.ts'

/** Asks `/readyz` of each of them on both ports, four times a second, until it is told to stop. */
export function watchReady(lots: readonly Lot[]) {
  const stopping = new AbortController()
  const seen = new Map<string, number>()
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  const ask = async (url: string) => {
    while (!stopping.signal.aborted) {
      const answer = await fetch(`${url}/readyz`).catch(() => undefined)
      if (answer === undefined) note('no answer')
      else note(answer.ok ? '200' : `${answer.status} ${await answer.text()}`)
      await sleep(250)
    }
  }
  const asking = Promise.all(
    lots.flatMap(({ gatewayUrl, opsUrl }) => [ask(gatewayUrl), ask(opsUrl)]),
  )
  return {
    /** Each answer that came, and how often. */
    stop: async (): Promise<ReadonlyMap<string, number>> => {
      stopping.abort()
      await asking
      return seen
    },
  }
}

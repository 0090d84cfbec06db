import { removeFact, writeFact } from '../state/facts.ts'
import type { Statement, StateStore } from '../state/state-store.ts'

/** What deliveries of this process wait in while the log is away. */
export type SpoolHere = {
  readonly status: () => Promise<{
    readonly events: number
    readonly oldestSeconds: number
    readonly fullRatio: number
  }>
}

/** A spool as its process last told it. */
export type SpoolFact = {
  readonly process: string
  readonly events: number
  /** When the oldest was taken, epoch ms; null where nothing is held. */
  readonly oldestAt: number | null
  readonly fullRatio: number
}

type Deps = {
  readonly store: Pick<StateStore, 'write'>
  readonly spool: SpoolHere | undefined
  /** Names this process; no other one, on any machine, has it. */
  readonly process: string
  readonly now: () => number
}

/** Tells the state how full this process's spool is, whenever that has changed. */
export function makeShareSpool({ store, spool, process, now }: Deps) {
  let told: string | undefined

  return {
    tell: async (): Promise<void> => {
      if (spool === undefined) return
      const { events, oldestSeconds, fullRatio } = await spool.status()
      const oldestAt = events === 0 ? null : now() - Math.round(oldestSeconds) * 1_000
      // The oldest is as old as it was, whatever milliseconds went by in asking.
      const key = JSON.stringify([events, fullRatio])
      if (key === told) return
      const fact: SpoolFact = { process, events, oldestAt, fullRatio }
      await store.write([writeFact(`spool:${process}`, JSON.stringify(fact))])
      told = key
    },
    farewell: (): readonly Statement[] =>
      spool === undefined ? [] : [removeFact(`spool:${process}`)],
  }
}

/** Of all processes together. */
export function sumSpools(facts: readonly SpoolFact[], now: number) {
  const oldest = facts.flatMap(({ oldestAt }) => oldestAt ?? [])
  return {
    events: facts.reduce((sum, { events }) => sum + events, 0),
    oldestSeconds: oldest.length === 0 ? null : Math.max(0, (now - Math.min(...oldest)) / 1_000),
    fullRatio: Math.max(0, ...facts.map(({ fullRatio }) => fullRatio)),
  }
}

/** Reads a fact whose name begins with `spool:`. */
export function readSpoolFact(text: string): SpoolFact {
  // Only `tell` above writes facts of this name.
  return JSON.parse(text) as SpoolFact
}

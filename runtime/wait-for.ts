import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after `ms`, rejects when the signal aborts; keeps no process alive that has nothing else to do. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal, ref: false })
}

import { LogUnavailable } from '../log-unavailable.ts'
import type { Spool } from './spool.ts'

const why = 'There is no place to spool to: the disk does not last, and there is no DATABASE_URL.'

/** Where nothing lasts: what the log does not take is not answered, and its sender sends it again (product 3). */
export function makeNoSpool(): Spool {
  const refuse = () => Promise.reject(new LogUnavailable(why))
  return {
    keep: refuse,
    setAside: refuse,
    room: () => Promise.resolve({ ok: false, why }),
    isEmpty: () => true,
    oldest: () => Promise.resolve(undefined),
    status: () => Promise.resolve({ events: 0, oldestSeconds: 0, fullRatio: 1, setAside: 0 }),
    onAdopted: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

import { toWireTime } from './wire-time.ts'

export type LoggedCall = {
  readonly method: string
  readonly path: string
  readonly at: string
  /** Absent where the connection was reset instead of answered. */
  readonly status?: number
}

export type Calls = {
  readonly note: (call: { method: string; path: string; status: number | undefined }) => void
  /** `{"PATCH accounts": 3}`; log-ins count as `POST oauth/token`. */
  readonly counts: () => Readonly<Record<string, number>>
  readonly log: () => readonly LoggedCall[]
  readonly reset: () => void
}

const rememberedCalls = 10_000

/** Counts every request that reached the simulated Outreach, answered or not. */
export function makeCalls(now: () => number): Calls {
  let counts: Record<string, number> = {}
  let log: LoggedCall[] = []
  return {
    note: ({ method, path, status }) => {
      const key = `${method} ${toSubject(path)}`
      counts[key] = (counts[key] ?? 0) + 1
      const at = toWireTime(now())
      log.push(status === undefined ? { method, path, at } : { method, path, at, status })
      if (log.length > rememberedCalls) log = log.slice(-rememberedCalls / 2)
    },
    counts: () => ({ ...counts }),
    log: () => [...log],
    reset: () => {
      counts = {}
      log = []
    },
  }
}

function toSubject(path: string): string {
  const [, area = '', second = '', third] = path.split('?')[0]?.split('/') ?? []
  return area === 'api' && second === 'v2' ? (third ?? '(identity)') : `${area}/${second}`
}

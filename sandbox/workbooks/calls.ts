export type LoggedCall = {
  readonly at: number
  readonly kind: 'read' | 'write' | 'login' | 'logout'
  readonly path: string
  readonly status: number | 'dropped'
  readonly rows: number
  readonly changed: number
}

/** What the API was asked for: `read crm/organisations`, `write …`, `rows …` written and `changed …` by it. */
export type Calls = {
  readonly record: (call: LoggedCall) => void
  readonly counts: () => Readonly<Record<string, number>>
  readonly log: () => readonly LoggedCall[]
  readonly reset: () => void
}

const logLength = 2000

export const makeCalls = (): Calls => {
  const counts = new Map<string, number>()
  let log: LoggedCall[] = []
  const add = (name: string, by: number): void => {
    if (by > 0) counts.set(name, (counts.get(name) ?? 0) + by)
  }
  return {
    record: (call) => {
      add(`${call.kind} ${call.path}`, 1)
      add(`rows ${call.path}`, call.rows)
      add(`changed ${call.path}`, call.changed)
      log.push(call)
      if (log.length > 2 * logLength) log = log.slice(-logLength)
    },
    counts: () => Object.fromEntries(counts),
    log: () => log.slice(-logLength),
    reset: () => {
      counts.clear()
      log = []
    },
  }
}

import type { FailureReason } from './answer.ts'

const hows = [
  'slow',
  '500',
  '401',
  '403',
  '403-rights',
  '404',
  'dead-session',
  'reset-before',
  'reset-after-commit',
  'delay',
  'delay-dropping-body',
] as const

/**
 * `slow`: answers after `ms`. `500`: an HTML page. `401`, `403`: credentials gone, database being migrated.
 * `403-rights`: the key may not use the API. `404`: no such controller, or none for this key.
 * `dead-session`: 302 to the login page. `reset-before`, `reset-after-commit`: the connection breaks before or after the commit.
 * `delay`: 302 through `hops` delaying URLs of `ms` each; `delay-dropping-body` forgets the body on the way, as curl does.
 */
export type FaultHow = (typeof hows)[number]

export type Fault = {
  /** Regular expression on the controller path: `crm/organisations`. */
  readonly path?: string
  /** Only writes, only reads, or both. */
  readonly write?: boolean
  /** Regular expression on the parameters, as `_ff[]=updated_at&…`; absent: whatever is asked. */
  readonly asks?: string
  readonly count?: number
  readonly how: FaultHow
  readonly ms?: number
  readonly hops?: number
}

export type FaultSettings = {
  readonly failNext?: readonly Fault[]
  /** Nobody home: connections break (`true`), or every answer is 403 or 500. */
  readonly unavailable?: boolean | '403' | '500'
  readonly latencyMs?: number
  readonly refuseLogins?: FailureReason | null
}

export type FaultRequest = {
  readonly path: string
  readonly isWrite: boolean
  readonly asked: () => string
}

/** A write that has arrived, and of which nothing is done yet. */
export type ArrivedWrite = { readonly path: string }

export type Faults = {
  /** Replaces all of them: what is not named is off. */
  readonly set: (settings: FaultSettings) => void
  readonly failNext: (fault: Fault) => void
  readonly clear: () => void
  readonly get: () => Required<FaultSettings>
  readonly take: (request: FaultRequest) => Fault | undefined
  /** Somebody who is quicker: called with every write just before it is done, until the answer is called. */
  readonly beforeCommit: (listener: (write: ArrivedWrite) => void) => () => void
  readonly arrive: (write: ArrivedWrite) => void
}

const none: Required<FaultSettings> = {
  failNext: [],
  unavailable: false,
  latencyMs: 0,
  refuseLogins: null,
}

export const isFaultHow = (text: unknown): text is FaultHow => hows.some((how) => how === text)

const outage = (unavailable: Required<FaultSettings>['unavailable']): Fault | undefined => {
  if (unavailable === false) return undefined
  return { how: unavailable === true ? 'reset-before' : unavailable }
}

const check = ({ how }: Fault): void => {
  if (!isFaultHow(how)) throw new Error(`how "${String(how)}" is none of ${hows.join(', ')}`)
}

const isHit = ({ write, path, asks }: Fault, request: FaultRequest): boolean =>
  (write ?? request.isWrite) === request.isWrite &&
  new RegExp(path ?? '').test(request.path) &&
  (asks === undefined || new RegExp(asks).test(request.asked()))

export const makeFaults = (): Faults => {
  let settings = none
  let remaining: { readonly fault: Fault; left: number }[] = []
  const listeners = new Set<(write: ArrivedWrite) => void>()
  const add = (fault: Fault): void => {
    check(fault)
    remaining.push({ fault, left: fault.count ?? 1 })
  }

  return {
    beforeCommit: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    arrive: (write) => {
      for (const listener of [...listeners]) listener(write)
    },
    set: (given) => {
      given.failNext?.forEach(check)
      settings = { ...none, ...given }
      remaining = []
      given.failNext?.forEach(add)
    },
    failNext: add,
    clear: () => {
      settings = none
      remaining = []
    },
    get: () => ({
      ...settings,
      failNext: remaining
        .filter(({ left }) => left > 0)
        .map(({ fault, left }) => ({ ...fault, count: left })),
    }),
    take: (request) => {
      const found = remaining.find(({ fault, left }) => left > 0 && isHit(fault, request))
      if (found) found.left -= 1
      return found?.fault ?? outage(settings.unavailable)
    },
  }
}

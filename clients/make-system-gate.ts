import type { System } from '../schemas/record-ref.ts'
import type { Call } from './call.ts'
import { SystemAway } from './errors.ts'
import { afterResult, probing } from './gate/after-result.ts'
import type { CallingGate } from './gate/calling-gate.ts'
import {
  atTime,
  counted,
  decideEntry,
  firstGateState,
  lanes,
  lifted,
  nextMoment,
  paused,
  released,
  toGateStatus,
  type Entry,
  type GateState,
} from './gate/gate-state.ts'
import { toLearnt, withElsewhere } from './gate/share-gate.ts'
import type { CallResult, GateStatus } from './system-gate.ts'

export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>

type Deps = {
  readonly system: System
  readonly now: () => number
  /** Resolves after `ms`; rejects when the signal aborts. */
  readonly wait: Wait
  /** 10 for Outreach, 5 for Workbooks (its own binding's limit). */
  readonly maxConcurrent: number
  readonly callsPerHour?: number
  readonly signals: {
    /** The circuit or a pause changed. */
    readonly gateChanged: (status: GateStatus) => void
  }
}

type Waiting = {
  readonly call: Call
  readonly admit: (isProbe: boolean) => void
  readonly turnAway: (error: unknown) => void
}

/** The gate of one system in this process; make it once and hand it to everyone who calls. */
export function makeSystemGate(deps: Deps): CallingGate {
  const { system, now, wait, maxConcurrent, signals } = deps
  let state = firstGateState(now())
  let running = 0
  let holds = 0
  let lastShown = 'closed null '
  const queue: Waiting[] = []
  const listeners = new Set<(status: GateStatus) => void>([signals.gateChanged])

  const at = () => ({ now: now(), callsPerHour: deps.callsPerHour })
  const decide = (call: Call): Entry => {
    state = atTime(state, now())
    return decideEntry(state, call.lane, at())
  }
  const status = (): GateStatus => {
    state = atTime(state, now())
    return { system, ...toGateStatus(state, at()) }
  }
  const toAway = ({ until, why }: Extract<Entry, { kind: 'away' }>) =>
    new SystemAway(`${system} is not called now: ${why}`, {
      system,
      status: 0,
      ...(until === undefined ? {} : { until }),
    })

  function become(next: GateState): void {
    state = next
    serveQueue()
    const shown = status()
    const key = `${shown.circuit} ${String(shown.pausedUntil)} ${shown.reason ?? ''}`
    if (key === lastShown) return
    lastShown = key
    for (const listener of [...listeners]) listener(shown)
  }

  function serveQueue(): void {
    // Those who would only wait behind a closed door are told so at once.
    for (const waiting of [...queue]) {
      const entry = decide(waiting.call)
      if (entry.kind === 'away') take(waiting).turnAway(toAway(entry))
    }
    while (running < maxConcurrent) {
      const next = lanes
        .map((lane) => queue.find(({ call }) => call.lane === lane))
        .find((waiting) => waiting !== undefined)
      if (next === undefined) return
      const entry = decide(next.call)
      if (entry.kind === 'away') take(next).turnAway(toAway(entry))
      else take(next).admit(entry.isProbe)
    }
  }

  function take(waiting: Waiting): Waiting {
    queue.splice(queue.indexOf(waiting), 1)
    return waiting
  }

  function start(call: Call, isProbe: boolean): (result: CallResult) => void {
    running += 1
    state = counted(isProbe ? probing(state) : state, call.lane, 1)
    let isOver = false
    return (result) => {
      if (isOver) return
      isOver = true
      running -= 1
      become(afterResult(atTime(state, now()), { result, call, isProbe }, now()))
    }
  }

  async function enter(call: Call): Promise<(result: CallResult) => void> {
    call.signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const giveUp = () => take(waiting).turnAway(call.signal?.reason)
      const settle = () => call.signal?.removeEventListener('abort', giveUp)
      const waiting: Waiting = {
        call,
        admit: (isProbe) => {
          settle()
          resolve(start(call, isProbe))
        },
        turnAway: (error) => {
          settle()
          // The reason of a foreign AbortSignal is passed on as it is.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          reject(error)
        },
      }
      call.signal?.addEventListener('abort', giveUp)
      queue.push(waiting)
      become(state)
    })
  }

  async function whenOpen(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      if (decide({ lane: 'live' }).kind === 'pass') return
      await changeOr(nextMoment(state, at()), signal)
    }
  }

  /** Resolves at the gate's next change or at `moment`, whichever comes first. */
  async function changeOr(moment: number | undefined, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const either = AbortSignal.any([over.signal, signal])
    const changed = new Promise<void>((resolve) => {
      const listener = () => resolve()
      listeners.add(listener)
      either.addEventListener('abort', () => {
        listeners.delete(listener)
        resolve()
      })
    })
    const timer = moment === undefined ? changed : wait(Math.max(1, moment - now()), either)
    try {
      await Promise.race([changed, timer.catch(() => undefined)])
    } finally {
      over.abort()
    }
  }

  return {
    enter,
    status,
    whenOpen,
    learnt: () => toLearnt(atTime(state, now())),
    hear: (elsewhere) => become(withElsewhere(atTime(state, now()), elsewhere, now())),
    lift: () => become(lifted(atTime(state, now()))),
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    count: (lane) => {
      state = counted(atTime(state, now()), lane, 1)
    },
    hold: ({ until, lapseAt, why }) => {
      holds += 1
      const key = `hold ${holds}`
      become(paused(atTime(state, now()), { key, until, lapseAt, why }))
      return () => become(released(state, key))
    },
    noteBudget: (told) => {
      state = { ...state, told }
    },
  }
}

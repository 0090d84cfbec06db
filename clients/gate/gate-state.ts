import type { Lane } from '../call.ts'
import type { GateStatus } from '../system-gate.ts'
import type { ToldBudget } from './learnt.ts'

export const lanes = ['live', 'reconciliation', 'replay', 'backfill'] as const satisfies Lane[]

const hourMs = 3_600_000

type Circuit =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open'
      readonly until: number
      readonly tries: number
      readonly why: string
      /** Epoch ms; stays while it is probed in vain. */
      readonly since: number
      /** Another process opened it. */
      readonly isLearnt: boolean
    }
  | {
      readonly kind: 'half-open'
      readonly tries: number
      readonly why: string
      readonly since: number
      readonly isLearnt: boolean
    }

export type Pause = {
  readonly key: string
  readonly until: number
  readonly lapseAt: number
  readonly why: string
}

/** All that a gate remembers; every function of this room takes one and returns the next. */
export type GateState = {
  readonly circuit: Circuit
  /** The different records whose calls failed in a row, up to the one that opens the circuit. */
  readonly failedInRow: readonly string[]
  readonly pauses: readonly Pause[]
  /** Whole hours since the epoch: the window that the counts belong to. */
  readonly hour: number
  readonly callsByLane: Readonly<Record<Lane, number>>
  readonly told: ToldBudget | undefined
  /** What other processes have spent and were told, as this one last heard. */
  readonly elsewhere: {
    readonly hour: number
    readonly callsByLane: Readonly<Record<Lane, number>>
    readonly pause: Pause | undefined
    readonly budget: ToldBudget | undefined
  }
  /** When a call was answered last: whoever is answered knows that the system is there. */
  readonly answeredAt: number
}

export const noCalls: Readonly<Record<Lane, number>> = {
  live: 0,
  reconciliation: 0,
  replay: 0,
  backfill: 0,
}

export function firstGateState(now: number): GateState {
  return {
    circuit: { kind: 'closed' },
    failedInRow: [],
    pauses: [],
    hour: Math.floor(now / hourMs),
    callsByLane: noCalls,
    told: undefined,
    elsewhere: { hour: 0, callsByLane: noCalls, pause: undefined, budget: undefined },
    answeredAt: Number.NEGATIVE_INFINITY,
  }
}

/** Drops what time alone has ended: the counts of a past hour, pauses that are over. */
export function atTime(state: GateState, now: number): GateState {
  const hour = Math.floor(now / hourMs)
  const pauses = state.pauses.some((pause) => pause.lapseAt <= now)
    ? state.pauses.filter((pause) => pause.lapseAt > now)
    : state.pauses
  const told = state.told !== undefined && state.told.until > now ? state.told : undefined
  if (hour === state.hour && pauses === state.pauses && told === state.told) return state
  return {
    ...state,
    pauses,
    told,
    hour,
    callsByLane: hour === state.hour ? state.callsByLane : noCalls,
  }
}

export type Entry =
  | { readonly kind: 'pass'; readonly isProbe: boolean }
  | { readonly kind: 'away'; readonly until: number | undefined; readonly why: string }

type At = { readonly now: number; readonly callsPerHour: number | undefined }

/** Whether a call of this lane may leave now. `state` is as `atTime` returned it. */
export function decideEntry(state: GateState, lane: Lane, { now, callsPerHour }: At): Entry {
  const pause = longestPause(state, now)
  if (pause !== undefined) {
    // A hold may outlast what was expected: then asking again is useless for a moment longer.
    return { kind: 'away', until: Math.max(pause.until, now + 250), why: pause.why }
  }
  const spent = spentBudget(state, lane, { now, callsPerHour })
  if (spent !== undefined) return spent

  const { circuit } = state
  switch (circuit.kind) {
    case 'closed':
      return { kind: 'pass', isProbe: false }
    case 'open':
      return now >= circuit.until
        ? { kind: 'pass', isProbe: true }
        : { kind: 'away', until: circuit.until, why: circuit.why }
    case 'half-open':
      return { kind: 'away', until: undefined, why: `${circuit.why}; being tried again` }
  }
}

function spentBudget(state: GateState, lane: Lane, { now, callsPerHour }: At) {
  const budgets: ToldBudget[] = []
  if (callsPerHour !== undefined) {
    const left = callsPerHour - callsOf(state)
    budgets.push({ left, limit: callsPerHour, until: (Math.floor(now / hourMs) + 1) * hourMs })
  }
  if (state.told !== undefined) budgets.push(state.told)
  const { budget } = state.elsewhere
  if (budget !== undefined && budget.until > now) budgets.push(budget)

  for (const { left, limit, until } of budgets) {
    if (left <= 0) return away(until, `the ${limit} calls of this hour are used up`)
    // A lower lane never takes the last 20 % of the hour (rulebook 12).
    if (lane !== 'live' && left <= limit * 0.2) {
      return away(until, `the last 20 % of this hour's ${limit} calls are kept for live changes`)
    }
  }
  return undefined
}

const away = (until: number, why: string): Entry => ({ kind: 'away', until, why })

/** When, for `whenOpen`, time alone may change the answer; undefined where only a report can. */
export function nextMoment(state: GateState, at: At): number | undefined {
  const lapse = longestPause(state, at.now)?.lapseAt
  if (lapse !== undefined) return lapse
  const entry = decideEntry(state, 'live', at)
  return entry.kind === 'away' ? entry.until : at.now
}

/** Calls of all processes in this hour, as far as they are known here. */
export function callsOf(state: GateState): number {
  const byLane = callsByLaneOf(state)
  return lanes.reduce((sum, lane) => sum + byLane[lane], 0)
}

function callsByLaneOf({ hour, callsByLane, elsewhere }: GateState): GateState['callsByLane'] {
  const others = elsewhere.hour === hour ? elsewhere.callsByLane : noCalls
  if (others === noCalls) return callsByLane
  return {
    live: callsByLane.live + others.live,
    reconciliation: callsByLane.reconciliation + others.reconciliation,
    replay: callsByLane.replay + others.replay,
    backfill: callsByLane.backfill + others.backfill,
  }
}

export function counted(state: GateState, lane: Lane, calls: 1 | -1): GateState {
  const told = state.told && { ...state.told, left: state.told.left - calls }
  const { budget } = state.elsewhere
  const elsewhere =
    budget === undefined
      ? state.elsewhere
      : { ...state.elsewhere, budget: { ...budget, left: budget.left - calls } }
  const inLane = Math.max(0, state.callsByLane[lane] + calls)
  return { ...state, told, elsewhere, callsByLane: { ...state.callsByLane, [lane]: inLane } }
}

export function paused(state: GateState, pause: Pause): GateState {
  const others = state.pauses.filter(({ key }) => key !== pause.key)
  return { ...state, pauses: [...others, pause] }
}

export function released(state: GateState, key: string): GateState {
  return { ...state, pauses: state.pauses.filter((pause) => pause.key !== key) }
}

/** The key of the wait that the system told; a call's own wait has another. */
export const toldKey = 'told'

/** Nothing that the system told, here or elsewhere, keeps anybody waiting any more. */
export function lifted(state: GateState): GateState {
  return {
    ...released(state, toldKey),
    told: undefined,
    elsewhere: { ...state.elsewhere, pause: undefined, budget: undefined },
  }
}

function longestPause({ pauses, elsewhere }: GateState, now: number): Pause | undefined {
  const theirs = elsewhere.pause
  const isOver = theirs === undefined || theirs.lapseAt <= now
  return longestOf(isOver ? pauses : [...pauses, theirs])
}

export function longestOf(pauses: readonly Pause[]): Pause | undefined {
  return pauses.reduce<Pause | undefined>(
    (longest, pause) => (longest === undefined || pause.until > longest.until ? pause : longest),
    undefined,
  )
}

/** What the gate shows of itself; the caller adds the system's name. */
export function toGateStatus(state: GateState, at: At): Omit<GateStatus, 'system'> {
  const { circuit } = state
  const entry = decideEntry(state, 'live', at)
  const isWaiting = entry.kind === 'away'
  // Its wait is over: the next call is the probe.
  const isDue = circuit.kind === 'open' && circuit.until <= at.now
  return {
    circuit: isDue ? 'half-open' : circuit.kind,
    pausedUntil: isWaiting ? (entry.until ?? null) : null,
    reason: isWaiting ? entry.why : circuit.kind === 'closed' ? null : circuit.why,
    callsThisHour: callsOf(state),
    callsByLane: callsByLaneOf(state),
  }
}

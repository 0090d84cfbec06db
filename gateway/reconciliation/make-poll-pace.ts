import type { System } from '../../schemas/record-ref.ts'
import { makeCalls, toBudgetYear } from '../../state/calls.ts'
import { makeFacts } from '../../state/facts.ts'
import { writePollPace, type PollPace } from '../../state/poll-pace.ts'
import type { StateStore } from '../../state/state-store.ts'
import { decidePollInterval } from './decide-poll-interval.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly limits: {
    readonly hour: Readonly<Record<System, number | undefined>>
    readonly year: Readonly<Record<System, number | undefined>>
  }
  /** `RECONCILE_INTERVAL_SECONDS`. */
  readonly wantedSeconds: number
  /** Lists of Outreach that its credentials do not reach: `emailAddress`. */
  readonly unreachable: readonly string[]
  readonly now: () => number
  readonly signals: {
    readonly pollPaceChanged: (facts: PollPace & { readonly system: System }) => void
  }
}

export type PollPaces = {
  /**
   * How often to poll the system from now on; tells `ops status` as well. Cheap to ask again and again.
   * Rejects where the state is away.
   */
  readonly decide: (system: System, callsPerInterval: number) => Promise<PollPace>
}

type Decided = {
  readonly at: number
  readonly callsPerInterval: number
  readonly pace: PollPace
}

/** No budget is spent so quickly. */
const holdsForMs = 20_000

const dayMs = 86_400_000

/** Long enough for a quiet month-end and a busy one to even out. */
const longestWindowMs = 28 * dayMs

/** On the first day, an hour says nothing about a year. */
const shortestWindowMs = 7 * dayMs

/** The governor: within the budgets of the hour and the year, as often as was asked for (issue 7). */
export function makePollPaces(deps: Deps): PollPaces {
  const { store, limits, wantedSeconds, unreachable, now, signals } = deps
  const calls = makeCalls(store)
  const facts = makeFacts(store)
  const last = new Map<System, Decided>()
  const told = new Map<System, string>()
  const signalled = new Map<System, number>()

  async function readGiven(system: System) {
    const text = await facts.read('connected_at')
    // By the clock of Outreach; minutes do not matter in a year.
    const connectedAt = text === undefined ? undefined : Number(text)
    const at = now()
    const year = toBudgetYear(connectedAt, at)
    const sinceMs = connectedAt === undefined ? 0 : at - connectedAt * 1_000
    const windowMs = clamp(sinceMs, shortestWindowMs, longestWindowMs)
    const [used, recent] = await Promise.all([
      calls.since(system, year.from),
      calls.byLane(system, at - windowMs),
    ])
    const liveRate = ((recent.get('live') ?? 0) * 1_000) / windowMs
    const liveKnownSeconds = sinceMs / 1_000
    return { now: at, used, yearEndsAt: year.until, liveRate, liveKnownSeconds }
  }

  async function decide(system: System, callsPerInterval: number): Promise<PollPace> {
    const known = last.get(system)
    const isYoung = known !== undefined && now() - known.at < holdsForMs
    if (isYoung && known.callsPerInterval === callsPerInterval) return known.pace
    const at = now()
    const pace = await decideNow(system, callsPerInterval)
    last.set(system, { at, callsPerInterval, pace })
    return pace
  }

  async function decideNow(system: System, callsPerInterval: number): Promise<PollPace> {
    const { seconds, reason } = decidePollInterval({
      ...(await readGiven(system)),
      yearLimit: limits.year[system],
      hourLimit: limits.hour[system],
      callsPerInterval,
      wantedSeconds,
    })
    const pace = { seconds, reason: system === 'outreach' ? reason + whatIsNot() : reason }
    const text = JSON.stringify(pace)
    if (told.get(system) !== text) await store.write([writePollPace(system, pace)])
    told.set(system, text)
    signal(system, pace)
    return pace
  }

  function whatIsNot(): string {
    if (unreachable.length === 0) return ''
    return ` Server-to-server credentials do not reach ${unreachable.join(', ')}: what changes there is found by webhooks only.`
  }

  /** Once for a change that somebody would notice. */
  function signal(system: System, pace: PollPace): void {
    const before = signalled.get(system) ?? wantedSeconds
    const isBack = pace.seconds === wantedSeconds && before !== wantedSeconds
    if (!isBack && Math.abs(pace.seconds - before) < before * 0.1) return
    signalled.set(system, pace.seconds)
    signals.pollPaceChanged({ system, ...pace })
  }

  return { decide }
}

function clamp(value: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, value))
}

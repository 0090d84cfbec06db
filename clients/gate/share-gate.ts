import { longestOf, type GateState, type Pause } from './gate-state.ts'
import type { Elsewhere, Learnt, OpenCircuit, ToldBudget, Wait } from './learnt.ts'

/** Above this share of the hour a told budget is of no use to others: their own answers tell it. */
const shortShare = 0.3

/** Another's open circuit is believed for so long at most; then we ask the system ourselves. */
const longestBelievedMs = 60_000

/** What this process itself learnt: nothing that it only heard of others, or it would never end. */
export function toLearnt({ pauses, circuit, told }: GateState): Learnt {
  const pause = longestOf(pauses)
  const isShort = told !== undefined && told.left <= told.limit * shortShare
  return {
    pause: pause === undefined ? null : { until: pause.until, why: pause.why },
    circuit: circuit.kind === 'closed' || circuit.isLearnt ? null : toOpen(circuit),
    budget: isShort ? told : null,
  }
}

/** One that is being probed has no wait of its own. */
function toOpen(circuit: Exclude<GateState['circuit'], { kind: 'closed' }>): OpenCircuit {
  const { since, why } = circuit
  return { since, until: circuit.kind === 'open' ? circuit.until : since, why }
}

/** The gate once it has heard of the others. */
export function withElsewhere(state: GateState, heard: Elsewhere, now: number): GateState {
  const { hour, callsByLane, learnt } = heard
  const pauses = learnt.flatMap(({ pause }) => (pause === null ? [] : [toPause(pause)]))
  const budgets = learnt.flatMap(({ budget }) => (budget === null ? [] : [budget]))
  const circuits = learnt.flatMap(({ circuit }) => (circuit === null ? [] : [circuit]))
  return {
    ...state,
    circuit: toCircuit(state, circuits, now),
    elsewhere: {
      hour,
      callsByLane,
      pause: longestOf(pauses.filter(({ until }) => until > now)),
      budget: leastOf(budgets.filter(({ until }) => until > now)),
    },
  }
}

function toPause({ until, why }: Wait): Pause {
  return { key: 'elsewhere', until, lapseAt: until, why }
}

function leastOf(budgets: readonly ToldBudget[]): ToldBudget | undefined {
  return budgets.reduce<ToldBudget | undefined>(
    (least, budget) => (least === undefined || budget.left < least.left ? budget : least),
    undefined,
  )
}

function toCircuit(
  { circuit, answeredAt }: GateState,
  circuits: readonly OpenCircuit[],
  now: number,
): GateState['circuit'] {
  const isOurs = circuit.kind === 'open' && !circuit.isLearnt
  // Our own probe decides.
  if (isOurs || circuit.kind === 'half-open') return circuit
  // Whoever was answered since then knows better: the fault is between the other and the system.
  const [open] = circuits
    .filter(({ since, until }) => since > answeredAt && until > now)
    .sort((one, two) => two.until - one.until)
  if (open === undefined) {
    // The wait is over, and nobody knows yet: our next call is a probe too.
    const isUndecided = circuits.some(({ since }) => since > answeredAt)
    return circuit.kind === 'open' && isUndecided ? circuit : { kind: 'closed' }
  }
  const { since, why } = open
  if (circuit.kind === 'open') return { ...circuit, until: Math.min(circuit.until, open.until) }
  const until = Math.min(open.until, now + longestBelievedMs)
  return { kind: 'open', until, tries: 0, why, since, isLearnt: true }
}

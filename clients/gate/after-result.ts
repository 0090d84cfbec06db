import type { Call } from '../call.ts'
import type { CallResult } from '../system-gate.ts'
import { counted, paused, toldKey, type GateState } from './gate-state.ts'

type Ended = {
  readonly result: CallResult
  readonly call: Pick<Call, 'lane' | 'about'>
  readonly isProbe: boolean
}

// Waits of an open circuit: 0.5 s, 1, 2, 4, 8, 15, 30 s, 1 min, 2, 4, 8, then every 15 min.
const waitsMs = [500, 1e3, 2e3, 4e3, 8e3, 15e3, 30e3, 60e3, 120e3, 240e3, 480e3, 900e3]

const failuresThatOpen = 5

// What a system says is obeyed, but a clock set wrong must not silence us for ever.
const longestPauseMs = 24 * 3_600_000

/** The gate after a call has told how it went. */
export function afterResult(state: GateState, ended: Ended, now: number): GateState {
  const { result, call, isProbe } = ended
  switch (result.kind) {
    case 'answered':
      return answered(state, isProbe, now)
    case 'paused': {
      const until = Math.min(result.until, now + longestPauseMs)
      return paused(answered(state, isProbe, now), {
        key: toldKey,
        until,
        lapseAt: until,
        why: result.why,
      })
    }
    case 'no-connection':
      return opened(state, { why: result.why, isProbe }, now)
    case 'failed': {
      if (isProbe) return opened(state, { why: result.why, isProbe }, now)
      const failedInRow = withFailure(state.failedInRow, call.about)
      if (failedInRow.length < failuresThatOpen) return { ...state, failedInRow }
      const why = `${failuresThatOpen} calls in a row failed, the last one so: ${result.why}`
      return opened({ ...state, failedInRow }, { why, isProbe }, now)
    }
    case 'no-verdict': {
      const next = reopened(state, isProbe, now)
      return result.wasSent ? next : counted(next, call.lane, -1)
    }
  }
}

/** A batch names no record, so each failed one counts; a record that fails again counts once. */
function withFailure(failed: readonly string[], about: string | undefined): readonly string[] {
  const key = about ?? `call ${failed.length}`
  return failed.includes(key) ? failed : [...failed, key]
}

function answered(state: GateState, isProbe: boolean, now: number): GateState {
  // An answer to a call that left before the circuit opened says nothing about now.
  if (!isProbe && state.circuit.kind !== 'closed') return state
  return { ...state, circuit: { kind: 'closed' }, failedInRow: [], answeredAt: now }
}

type Opening = { readonly why: string; readonly isProbe: boolean }

function opened(state: GateState, { why, isProbe }: Opening, now: number): GateState {
  // Calls that left together fail together: only the first opens, only a probe makes the wait grow.
  if (state.circuit.kind !== 'closed' && !isProbe) return state
  const tries = state.circuit.kind === 'closed' ? 0 : state.circuit.tries + 1
  const until = now + (waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 900e3)
  const { circuit } = state
  // One that another process opened, and that our own probe confirms, is ours from now on.
  const since = circuit.kind === 'closed' || circuit.isLearnt ? now : circuit.since
  const next = { kind: 'open', until, tries, why, since, isLearnt: false } as const
  return { ...state, failedInRow: [], circuit: next }
}

function reopened(state: GateState, isProbe: boolean, now: number): GateState {
  if (!isProbe || state.circuit.kind !== 'half-open') return state
  return { ...state, circuit: { ...state.circuit, kind: 'open', until: now } }
}

/** The gate while its probe is under way. */
export function probing(state: GateState): GateState {
  if (state.circuit.kind !== 'open') return state
  const { tries, why, since, isLearnt } = state.circuit
  return { ...state, circuit: { kind: 'half-open', tries, why, since, isLearnt } }
}

import { isCallError, SetupFault, SystemAway } from '../../../clients/errors.ts'
import { sentenceOf } from '../../../runtime/errors.ts'
import { StateUnavailable } from '../../../state/state-unavailable.ts'
import { writeHandled } from '../../../state/versions.ts'
import { idsOf, type Kind } from '../kinds/kind.ts'
import { makeNotedVersions, type NotedVersions } from '../pair/noted-versions.ts'
import { keepOutcome } from '../pair/settle.ts'
import type { makeSyncPair, Synced } from '../pair/sync-pair.ts'
import { toOutcome } from '../pair/to-outcome.ts'
import { HoldLost, type ToldOutcome } from '../pair/work.ts'
import type { Holds } from './holds.ts'
import { isAbandoned, sayDone, type Queued } from './hint-queue.ts'
import type { makeFlagFlood } from './flag-flood.ts'
import type { KeepVersions } from './keep-versions.ts'
import type { ParkHints, ParkReason } from './park-hint.ts'
import type { Publish } from './publish-outcomes.ts'
import type { StateBackOff } from './state-back-off.ts'

type Deps = {
  readonly kinds: readonly Kind[]
  /** Why a kind is switched off in this process; undefined: it is not. */
  readonly whyOff: (kind: string) => string | undefined
  readonly syncPair: ReturnType<typeof makeSyncPair>
  readonly holds: Holds
  readonly isFlood: ReturnType<typeof makeFlagFlood>
  readonly parking: ParkHints
  readonly publish: Publish
  readonly keepVersions: KeepVersions
  readonly stateBackOff: Pick<StateBackOff, 'failed' | 'succeeded'>
  readonly newOutcomeId: (at: number) => string
  readonly now: () => number
  /** An echo waits this long for company (rulebook 2). */
  readonly companyMs: () => number
  readonly signals: {
    readonly outcome: (told: ToldOutcome['outcome'] & { traceparent?: string | undefined }) => void
    readonly parked: (facts: ParkedFacts) => void
    readonly consumerFailed: (facts: { group: string; error: unknown }) => void
  }
}

type ParkedFacts = {
  readonly record: string
  readonly kind: string
  readonly cause: string
  readonly attempts: number
  readonly code?: string | undefined
  readonly stack?: string | undefined
}

/** Handles one hint to its end; answers the hint again where it must wait in memory. Never rejects. */
export type RunHint = (queued: Queued, signal: AbortSignal) => Promise<Queued | undefined>

/** One hint under way. */
type Run = {
  readonly kind: Kind
  readonly queued: Queued
  /** The outcomes that were written for it and are not published yet. */
  readonly told: ToldOutcome[]
  readonly versions: NotedVersions
}

/** The waits of a set-up fault's probe: short, for somebody is mending it. */
const probeMs = (attempts: number) => Math.min(5_000 * 2 ** (attempts - 1), 5 * 60_000)

/** How long a paused kind's hints sleep; resuming it wakes them. */
const pausedMs = 15 * 60_000

/** Before it is tried again where nobody can say how long to wait. */
const againMs = 1_000

/** Further than this no timer can be set, and nobody should wait. */
const mostAwayMs = 24 * 3_600_000

/** Runs one hint and decides what its end means: handled, parked, or not yet (rulebook 10). */
export function makeRunHint(deps: Deps): RunHint {
  const { now, holds, signals } = deps

  return async (queued, signal) => {
    const kind = deps.kinds.find(({ name }) => name === queued.hint.kind)
    if (kind === undefined) {
      sayDone(queued)
      return undefined
    }
    const run: Run = { kind, queued, told: [...queued.told], versions: makeNotedVersions() }
    if (isAbandoned(queued)) return undefined
    try {
      const again = await runToItsEnd(run, signal)
      deps.stateBackOff.succeeded()
      return again
    } catch (error) {
      if (error instanceof StateUnavailable) deps.stateBackOff.failed()
      // Neither handled nor parked: the state or the log is away. It stays undone, and comes again.
      if (!signal.aborted) signals.consumerFailed({ group: 'sync', error })
      return { ...queued, told: run.told, readyAt: now() + againMs, isIdle: false, isRepeat: true }
    }
  }

  async function runToItsEnd(run: Run, signal: AbortSignal): Promise<Queued | undefined> {
    const { kind, queued, told, versions } = run
    const off = deps.whyOff(kind.name)
    if (off !== undefined) {
      // Due at once: nobody takes it up but a process, now or later, in which the kind is on.
      await park(run, signal, { cause: 'setup', reason: off, due: now() })
      return undefined
    }
    const held = holds.ofKind(kind.name)
    const isProbe = held?.cause === 'setup' && queued.parked?.cause === 'setup'
    if (held !== undefined && !isProbe) {
      const cause = held.cause === 'setup' ? 'setup' : 'pause'
      await park(run, signal, { cause, reason: held.reason, due: now() + pausedMs })
      return undefined
    }
    try {
      const { hint, keys } = queued
      const asked = { kind, hint, keys, hasWaited: hasWaited(queued), signal, told, versions }
      const step = await deps.syncPair(asked)
      // What was written is published by whoever looks after leftovers; the rest is another process's.
      if (isAbandoned(queued)) return undefined
      if (isProbe) await holds.liftSetup(kind.name)
      await watchFlags(kind, told)
      return await end(run, signal, step)
    } catch (error) {
      return failed(run, signal, error)
    }
  }

  async function end(run: Run, signal: AbortSignal, step: Synced): Promise<Queued | undefined> {
    switch (step.kind) {
      case 'echo':
        return { ...run.queued, readyAt: now() + deps.companyMs(), isIdle: true }
      case 'look-again':
        return comeAgain(run, signal, step.at)
      case 'park':
        await park(run, signal, step)
        return undefined
      case 'settled':
        await finish(run, signal)
        return undefined
      default:
        return step satisfies never
    }
  }

  async function failed(
    run: Run,
    signal: AbortSignal,
    error: unknown,
  ): Promise<Queued | undefined> {
    const { queued } = run
    // Another process has it now: it comes again there.
    if (isAbandoned(queued)) return undefined
    // Told to stop in the middle, or the state is away: no fault of the record's.
    if (signal.aborted || error instanceof StateUnavailable) throw error
    if (error instanceof HoldLost) return comeAgain(run, signal, now() + againMs)
    if (error instanceof SystemAway) {
      const until = Math.min(error.until ?? 0, now() + mostAwayMs)
      const again = await comeAgain(run, signal, Math.max(now() + againMs, until))
      return { ...again, awaitsSystem: true }
    }
    if (error instanceof SetupFault) {
      const reason = `${error.message} ${error.mend}`
      await holds.pauseKind(run.kind.name, { cause: 'setup', reason })
      const due = now() + probeMs((queued.parked?.attempts ?? 0) + 1)
      await park(run, signal, { cause: 'setup', reason, due })
      return undefined
    }
    if (isCallError(error)) {
      await park(run, signal, { cause: 'record', reason: error.message })
      return undefined
    }
    const reason = 'A rule of ours failed on this record; the log has the details.'
    await park(run, signal, { cause: 'fault', reason, fault: error })
    return undefined
  }

  async function comeAgain(run: Run, signal: AbortSignal, readyAt: number): Promise<Queued> {
    await tell(run, signal)
    const { queued } = run
    return { ...queued, told: [], readyAt, isIdle: false, isRepeat: true, awaitsSystem: false }
  }

  async function park(
    run: Run,
    signal: AbortSignal,
    why: ParkReason & { readonly fault?: unknown },
  ): Promise<void> {
    const { kind, queued, told } = run
    const { hint, ref, parked: from } = queued
    const parked = toParkedOutcome(run, why.reason)
    const { row, isNews } = await deps.parking.park({
      ...why,
      ref,
      hint,
      from,
      // Said once: a record that keeps failing for one reason adds nothing by saying it again.
      // What it has read is not to be told it again: it is looked at anew whenever it is tried.
      also: (isToldAnew) => [
        ...(isToldAnew ? keepOutcome({ kind, hint }, parked) : []),
        ...writeHandled(run.versions.unkept(), now()),
      ],
    })
    if (isNews) told.push(parked)
    const { record, cause, attempts } = row
    const stack = why.fault instanceof Error ? why.fault.stack : undefined
    const code = why.fault === undefined ? undefined : sentenceOf(why.fault).slice(0, 200)
    signals.parked({ record, kind: kind.name, cause, attempts, code, stack })
    await tell(run, signal)
    sayDone(queued)
  }

  function toParkedOutcome({ kind, queued }: Run, reason: string): ToldOutcome {
    const { hint, keys } = queued
    const outcome = toOutcome(
      { kind, hint, calls: { count: 0 } },
      { outcome: 'parked', reason, ...idsOf(keys) },
      now(),
    )
    return { id: deps.newOutcomeId(now()), outcome }
  }

  async function finish(run: Run, signal: AbortSignal): Promise<void> {
    const { queued } = run
    await deps.keepVersions(run.versions)
    await tell(run, signal)
    if (queued.parked !== undefined) await deps.parking.release(queued.ref, queued.parked)
    sayDone(queued)
  }

  async function tell({ queued, told }: Run, signal: AbortSignal): Promise<void> {
    const { hint, ref } = queued
    const [first] = hint.events
    const traceparent = hint.events.find((event) => event.traceparent !== undefined)?.traceparent
    await deps.publish(told, { ref, origin: first?.origin ?? 'ops', traceparent, signal })
    for (const { outcome } of told) signals.outcome({ ...outcome, traceparent })
    told.length = 0
  }

  async function watchFlags(kind: Kind, told: readonly ToldOutcome[]): Promise<void> {
    for (const { outcome } of told) {
      const { pair, reason } = outcome
      const isFlag = outcome.outcome === 'failed' || outcome.outcome === 'duplicate'
      if (!isFlag || pair.workbooks === null) continue
      // Duplicates name what they found, each another record: they are one cause together.
      const cause = outcome.outcome === 'failed' ? (reason ?? '') : 'duplicate'
      if (!(await deps.isFlood(kind.name, cause))) continue
      const why = `More than 50 records were flagged within a minute for one reason: ${reason ?? ''} Mend it, reset the flags, then say "ops resume ${kind.name}".`
      await holds.pauseKind(kind.name, { cause: 'flags', reason: why })
    }
  }
}

/** For company, or for another try: whatever it is worth, it is handled now. */
function hasWaited({ isIdle, isRepeat, parked }: Queued): boolean {
  return isIdle || isRepeat === true || parked !== undefined
}

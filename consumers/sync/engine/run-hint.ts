import { isCallError, SetupFault, SystemAway } from '../../../clients/errors.ts'
import { sentenceOf } from '../../../runtime/errors.ts'
import { removeParked, writeParked } from '../../../state/parked.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { Kind } from '../kinds/kind.ts'
import { keepOutcome, type ToldOutcome } from '../pair/settle.ts'
import type { makeSyncPair } from '../pair/sync-pair.ts'
import { toOutcome } from '../pair/to-outcome.ts'
import { HoldLost } from '../pair/work.ts'
import type { Holds } from './holds.ts'
import type { Queued } from './hint-queue.ts'
import type { makeFlagFlood } from './flag-flood.ts'
import { toParked, type Parking } from './park-hint.ts'
import type { Publish } from './publish-outcomes.ts'

type Deps = {
  readonly kinds: readonly Kind[]
  readonly store: StateStore
  readonly syncPair: ReturnType<typeof makeSyncPair>
  readonly holds: Holds
  readonly isFlood: ReturnType<typeof makeFlagFlood>
  readonly publish: Publish
  readonly newOutcomeId: (at: number) => string
  readonly now: () => number
  readonly signals: {
    readonly outcome: (told: ToldOutcome['outcome'] & { traceparent?: string | undefined }) => void
    readonly parked: (facts: ParkedFacts) => void
  }
}

type Parked = {
  readonly parking: Parking
  readonly told: readonly ToldOutcome[]
  /** An exception of our own, for the log only. */
  readonly fault?: unknown
}

type ParkedFacts = {
  readonly record: string
  readonly kind: string
  readonly cause: string
  readonly attempts: number
  readonly code?: string | undefined
  readonly stack?: string | undefined
}

/** Handles one hint to its end; answers the hint again where it must wait in memory. */
export type RunHint = (queued: Queued, signal: AbortSignal) => Promise<Queued | undefined>

/** The waits of a set-up fault's probe: short, for somebody is mending it. */
const probeMs = (attempts: number) => Math.min(5_000 * 2 ** (attempts - 1), 5 * 60_000)

/** Runs one hint and decides what its end means: handled, parked, or not yet (rulebook 10). */
export function makeRunHint(deps: Deps): RunHint {
  const { store, now, holds, signals } = deps

  return async (queued, signal) => {
    const kind = deps.kinds.find(({ name }) => name === queued.hint.kind)
    if (kind === undefined) {
      await finish(queued, [])
      return undefined
    }
    const held = holds.ofKind(kind.name)
    const isProbe = held?.cause === 'setup' && queued.parked?.cause === 'setup'
    if (held !== undefined && !isProbe) {
      const cause = held.cause === 'setup' ? 'setup' : 'pause'
      const parking = { cause, reason: held.reason, due: now() + 15 * 60_000 }
      await park(kind, queued, { parking, told: [] })
      return undefined
    }
    const told: ToldOutcome[] = []
    try {
      const step = await deps.syncPair({ kind, hint: queued.hint, signal, told })
      if (isProbe) await holds.liftSetup(kind.name)
      await watchFlags(kind, told)
      if (step.kind === 'park') {
        await park(kind, queued, { parking: step, told })
        return undefined
      }
      if (step.kind === 'look-again') {
        await tell(queued, told)
        return { ...queued, readyAt: step.at, isIdle: false }
      }
      await finish(queued, told)
      return undefined
    } catch (error) {
      return failed(kind, queued, { error, told })
    }
  }

  async function failed(
    kind: Kind,
    queued: Queued,
    { error, told }: { readonly error: unknown; readonly told: readonly ToldOutcome[] },
  ): Promise<Queued | undefined> {
    // Another process has it now, or this one is stopping: it comes again.
    if (error instanceof HoldLost || queued.owned.aborted) return undefined
    if (error instanceof SystemAway) {
      await tell(queued, told)
      return { ...queued, readyAt: Math.max(now(), error.until ?? 0), isIdle: false }
    }
    if (error instanceof SetupFault) {
      const reason = `${error.message} ${error.mend}`
      await holds.pauseKind(kind.name, { cause: 'setup', reason })
      const due = now() + probeMs((queued.parked?.attempts ?? 0) + 1)
      await park(kind, queued, { parking: { cause: 'setup', reason, due }, told })
      return undefined
    }
    if (isCallError(error)) {
      await park(kind, queued, { parking: { cause: 'record', reason: error.message }, told })
      return undefined
    }
    const reason = 'A rule of ours failed on this record; the log has the details.'
    await park(kind, queued, { parking: { cause: 'fault', reason }, told, fault: error })
    return undefined
  }

  async function park(kind: Kind, queued: Queued, { parking, told, fault }: Parked): Promise<void> {
    const row = toParked(queued, parking, now())
    const outcome = toOutcome(
      { kind, hint: queued.hint, calls: { count: 0 } },
      { outcome: 'parked', reason: parking.reason },
      now(),
    )
    const parked = { id: deps.newOutcomeId(now()), outcome }
    // Said once: a record that keeps failing for one reason adds nothing by saying it again.
    const isNews = queued.parked === undefined || queued.parked.cause !== parking.cause
    const outcomes = isNews ? keepOutcome(kind, parked) : []
    await store.write([writeParked(row), ...outcomes])
    const { record, cause, attempts } = row
    const stack = fault instanceof Error ? fault.stack : undefined
    const code = fault === undefined ? undefined : sentenceOf(fault).slice(0, 200)
    signals.parked({ record, kind: kind.name, cause, attempts, code, stack })
    await tell(queued, isNews ? [...told, parked] : told)
    for (const done of queued.dones) done()
  }

  async function finish(queued: Queued, told: readonly ToldOutcome[]): Promise<void> {
    await tell(queued, told)
    if (queued.parked !== undefined) {
      await store.write([removeParked(queued.ref, queued.parked.revision)])
    }
    for (const done of queued.dones) done()
  }

  async function tell({ hint, ref }: Queued, told: readonly ToldOutcome[]): Promise<void> {
    const [first] = hint.events
    const traceparent = hint.events.find((event) => event.traceparent !== undefined)?.traceparent
    for (const { outcome } of told) signals.outcome({ ...outcome, traceparent })
    await deps.publish(told, { ref, origin: first?.origin ?? 'ops', traceparent })
  }

  async function watchFlags(kind: Kind, told: readonly ToldOutcome[]): Promise<void> {
    for (const { outcome } of told) {
      if (outcome.outcome !== 'failed' || !deps.isFlood(kind.name, outcome.reason ?? '')) continue
      const reason = `More than 50 records failed within a minute for one reason: ${outcome.reason ?? ''} Mend it, reset the flags, then say "ops resume ${kind.name}".`
      await holds.pauseKind(kind.name, { cause: 'flags', reason })
    }
  }
}

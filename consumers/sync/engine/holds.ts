import { removePause, writePause, type Pause, type Pauses } from '../../../state/pauses.ts'
import { releaseParked } from '../../../state/parked.ts'
import type { StateStore } from '../../../state/state-store.ts'

type Deps = {
  readonly store: Pick<StateStore, 'write'>
  readonly pauses: Pauses
  readonly now: () => number
  readonly signals: {
    readonly kindPaused: (facts: { kind: string; why: string }) => void
    readonly kindResumed: (facts: { kind: string }) => void
  }
}

/** What stands still, as this process last read it: kinds, and whole systems. */
export type Holds = {
  readonly refresh: () => Promise<void>
  readonly ofKind: (kind: string) => Pause | undefined
  readonly ofSystem: () => Pause | undefined
  /** A set-up fault, or too many flags: the kind pauses, and says why. */
  readonly pauseKind: (kind: string, why: { cause: string; reason: string }) => Promise<void>
  /** A probe succeeded: what waited for the set-up goes on. */
  readonly liftSetup: (kind: string) => Promise<void>
}

/** The pauses of product 6 and rulebook 10, read from the state that every process shares. */
export function makeHolds({ store, pauses, now, signals }: Deps): Holds {
  let known: readonly Pause[] = []

  async function refresh(): Promise<void> {
    const before = known
    known = await pauses.all()
    for (const { what } of before) {
      if (!what.includes(':') && !known.some((pause) => pause.what === what)) {
        signals.kindResumed({ kind: what })
        // Whoever parked a hint while it did not know yet that the kind goes on is freed as well.
        const freed = ['pause', 'setup'].map((cause) => releaseParked(what, cause, now()))
        await store.write(freed)
      }
    }
  }

  return {
    refresh,
    ofKind: (kind) => known.find(({ what }) => what === kind),
    ofSystem: () => known.find(({ what }) => what === 'workbooks' || what === 'outreach'),
    async pauseKind(kind, { cause, reason }) {
      if (known.some(({ what }) => what === kind)) return
      signals.kindPaused({ kind, why: reason })
      await store.write([writePause({ what: kind, cause, reason, since: now() })])
      await refresh()
    },
    async liftSetup(kind) {
      if (!known.some(({ what, cause }) => what === kind && cause === 'setup')) return
      await store.write([removePause(kind), releaseParked(kind, 'setup', now())])
      await refresh()
    },
  }
}

import type { SystemGate } from '../clients/system-gate.ts'
import { makeFacts, removeFact, writeFact } from '../state/facts.ts'
import { removeOutcomesBefore } from '../state/outcomes.ts'
import type { Statement, StateStore } from '../state/state-store.ts'
import { readRoleFact, type RoleFact } from './role-fact.ts'
import { makeShareGates, readGateFact } from './share-gates.ts'
import { makeShareSpool, type SpoolHere } from './share-spool.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly gates: readonly Pick<SystemGate, 'status' | 'learnt' | 'hear' | 'lift' | 'onChange'>[]
  readonly roles: readonly string[]
  /** Undefined in a process that takes no deliveries, or has the log with itself. */
  readonly spool: SpoolHere | undefined
  readonly pid: number
  /** Names this process; no other one, on any machine, has it. */
  readonly process: string
  readonly outcomeRetentionMs: number
  readonly now: () => number
  readonly signals: { readonly stateAway: (error: unknown) => void }
}

const signEveryMs = 10_000
const shareEveryMs = 1_000
const tidyEveryMs = 10 * 60_000
/** No pause that a system tells lasts longer. */
const forgetAfterMs = 24 * 3_600_000

/**
 * Forgets every process, and what each was told; for a state that is locked by ours, where all who
 * signed before are dead.
 */
export const forgetEveryRole: Statement = {
  sql: `DELETE FROM facts WHERE name LIKE 'role:%' OR name LIKE 'gate:%'`,
}

/** Writes what this process knows of itself into the state, where every process can answer from it. */
export function makeReportProcess(deps: Deps) {
  const { store, gates, roles, pid, process, spool, now, signals } = deps
  const since = now()
  const sharing = makeShareGates({ store, gates, process, now })
  const spoolSharing = makeShareSpool({ store, spool, process, now })
  const away = (error: unknown) => signals.stateAway(error)
  let round: Promise<void> | undefined

  const factOf = (role: string) => `role:${role}:${process}`
  const sign = async () => {
    const seenAt = now()
    await store.write(
      roles.map((role) => {
        const fact: RoleFact = { role, pid, process, since, seenAt }
        return writeFact(factOf(role), JSON.stringify(fact))
      }),
    )
  }
  const tell = async () => {
    await sharing.tell()
    await spoolSharing.tell()
  }
  const share = async () => {
    await tell()
    await sharing.hear()
  }
  /** A state that answers slowly is not asked twice at once. */
  const shareOnce = () => {
    round ??= share()
      .catch(away)
      .finally(() => {
        round = undefined
      })
    return round
  }
  /** A process that was killed could not take its facts back. */
  const forgetTheDead = async () => {
    const facts = makeFacts(store)
    const [signs, told] = await Promise.all([facts.readAll('role:'), facts.readAll('gate:')])
    const oldest = now() - forgetAfterMs
    const gone = [
      ...[...signs].filter(([, text]) => readRoleFact(text).seenAt < oldest),
      ...[...told].filter(([, text]) => readGateFact(text).at < oldest),
    ]
    if (gone.length > 0) await store.write(gone.map(([name]) => removeFact(name)))
  }
  const tidy = async () => {
    await store.write(removeOutcomesBefore(now() - deps.outcomeRetentionMs))
    await forgetTheDead()
  }

  const timers = [
    setInterval(() => void sign().catch(away), signEveryMs),
    setInterval(() => void shareOnce(), shareEveryMs),
    setInterval(() => void tidy().catch(away), tidyEveryMs),
  ]
  for (const timer of timers) timer.unref()
  const unlisten = gates.map((gate) => gate.onChange(() => void sharing.tell().catch(away)))

  return {
    /** Resolves once this process is known, and knows what the others were told. */
    start: async (): Promise<void> => {
      await Promise.all([sign().catch(away), tidy().catch(away), shareOnce()])
    },
    /** Counts one call by system and lane (rulebook 12). */
    called: sharing.called,
    /** What `ops status` shows is up to date afterwards. */
    flush: (): Promise<void> => tell().catch(away),
    stop: async (): Promise<void> => {
      for (const timer of timers) clearInterval(timer)
      for (const stop of unlisten) stop()
      await round
      await sharing.tell().catch(away)
      const left = [
        ...sharing.farewell(),
        ...spoolSharing.farewell(),
        ...roles.map((role) => removeFact(factOf(role))),
      ]
      await store.write(left).catch(away)
    },
  }
}

import type { GateStatus, SystemGate } from '../clients/system-gate.ts'
import { addCalls } from '../state/calls.ts'
import { makeFacts, removeFact, writeFact } from '../state/facts.ts'
import { removeOutcomesBefore } from '../state/outcomes.ts'
import type { Statement, StateStore } from '../state/state-store.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly gates: readonly Pick<SystemGate, 'status' | 'onChange'>[]
  readonly roles: readonly string[]
  readonly pid: number
  readonly outcomeRetentionMs: number
  readonly now: () => number
  readonly signals: { readonly stateAway: (error: unknown) => void }
}

/** A role of a process, as the state has it; alive while its last sign is younger than `aliveMs`. */
export type RoleFact = {
  readonly role: string
  readonly pid: number
  readonly since: number
  readonly seenAt: number
}

export const aliveMs = 30_000
const signEveryMs = 10_000
const flushEveryMs = 1_000
const tidyEveryMs = 10 * 60_000
const forgetRolesAfterMs = 24 * 3_600_000

/** Forgets every process; for a state that is locked by ours, where all who signed before are dead. */
export const forgetEveryRole: Statement = {
  sql: `DELETE FROM facts WHERE name >= $1 AND name < $2`,
  params: ['role:', 'role;'],
}

/** Writes what this process knows of itself into the state, where every process can answer from it. */
export function makeReportProcess(deps: Deps) {
  const { store, gates, roles, pid, now, signals } = deps
  const since = now()
  const pending = new Map<string, { system: string; lane: string; count: number }>()
  const write = (statements: Parameters<typeof store.write>[0]) =>
    store.write(statements).then(() => undefined, signals.stateAway)

  const factOf = (role: string) => `role:${role}:${pid}`
  const sign = () => {
    const seenAt = now()
    return write(
      roles.map((role) => {
        const fact: RoleFact = { role, pid, since, seenAt }
        return writeFact(factOf(role), JSON.stringify(fact))
      }),
    )
  }
  const flush = async () => {
    const counts = [...pending.values()]
    pending.clear()
    if (counts.length > 0) await write(counts.map((count) => addCalls(count, now())))
  }
  const tell = (status: GateStatus) =>
    write([writeFact(`system:${status.system}`, JSON.stringify(status))])
  /** A process that was killed could not take its roles back. */
  const forgetRoles = async () => {
    const facts = await makeFacts(store).readAll('role:')
    const oldest = now() - forgetRolesAfterMs
    const gone = [...facts].filter(([, fact]) => readRole(fact).seenAt < oldest)
    if (gone.length > 0) await store.write(gone.map(([name]) => removeFact(name)))
  }
  const tidy = async () => {
    await write(removeOutcomesBefore(now() - deps.outcomeRetentionMs))
    await forgetRoles().catch(signals.stateAway)
  }

  const timers = [
    setInterval(() => void sign(), signEveryMs),
    setInterval(() => void flush(), flushEveryMs),
    setInterval(() => void tidy(), tidyEveryMs),
  ]
  for (const timer of timers) timer.unref()
  const unlisten = gates.map((gate) => gate.onChange((status) => void tell(status)))

  return {
    start: async (): Promise<void> => {
      await Promise.all([sign(), tidy(), ...gates.map((gate) => tell(gate.status()))])
    },
    /** Counts one call by system and lane (rulebook 12). */
    called: ({ system, lane }: { readonly system: string; readonly lane: string }): void => {
      const key = `${system} ${lane}`
      const known = pending.get(key) ?? { system, lane, count: 0 }
      pending.set(key, { ...known, count: known.count + 1 })
    },
    /** What `ops status` shows is up to date afterwards. */
    flush,
    stop: async (): Promise<void> => {
      for (const timer of timers) clearInterval(timer)
      for (const stop of unlisten) stop()
      await flush()
      await write(roles.map((role) => removeFact(factOf(role))))
    },
  }
}

function readRole(fact: string): RoleFact {
  // Only `sign` writes facts of this name.
  return JSON.parse(fact) as RoleFact
}

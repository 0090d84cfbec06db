import type { Lane } from '../clients/call.ts'
import type { Elsewhere, Learnt } from '../clients/gate/learnt.ts'
import type { GateStatus, SystemGate } from '../clients/system-gate.ts'
import { addCalls, hourMs, type CallCount } from '../state/calls.ts'
import { removeFact, writeFact } from '../state/facts.ts'
import type { Row, Statement, StateStore } from '../state/state-store.ts'
import { isAlive, readRoleFact } from './role-fact.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly gates: readonly Pick<SystemGate, 'status' | 'learnt' | 'hear' | 'lift'>[]
  /** Names this process; no other one, on any machine, has it. */
  readonly process: string
  readonly now: () => number
}

/** A gate as one process last told it. */
export type GateFact = Pick<GateStatus, 'circuit' | 'pausedUntil' | 'reason'> & {
  readonly process: string
  readonly learnt: Learnt
  readonly at: number
}

const noCalls: Readonly<Record<Lane, number>> = {
  live: 0,
  reconciliation: 0,
  replay: 0,
  backfill: 0,
}

/**
 * Makes the gates of all processes one: each tells the state what it spent and learnt, and hears what
 * the others did (rulebook 12). Both reject where the state is away; nothing is lost by that.
 */
export function makeShareGates({ store, gates, process, now }: Deps) {
  const pending = new Map<string, CallCount>()
  /** Of this process, in the state already. */
  let flushed = { hour: 0, calls: new Map<string, number>() }
  const told = new Map<string, string>()
  /** By system, the last word of an operator that this process has obeyed. */
  const resumed = new Map<string, string>()
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other, so that what was written here is never taken for somebody else's. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  async function tell(): Promise<void> {
    const at = now()
    const counts = [...pending.values()]
    const news = gates.map(toNews).filter(({ key, name }) => told.get(name) !== key)
    if (counts.length + news.length === 0) return
    pending.clear()
    try {
      await store.write([
        ...counts.map((count) => addCalls(count, at)),
        ...news.map(({ name, fact }) => writeFact(name, JSON.stringify({ ...fact, at }))),
      ])
    } catch (error) {
      for (const count of counts) add(pending, count)
      throw error
    }
    for (const { name, key } of news) told.set(name, key)
    noteFlushed(counts, Math.floor(at / hourMs))
  }

  function toNews(gate: Deps['gates'][number]) {
    const { system, circuit, pausedUntil, reason } = gate.status()
    const fact = { process, circuit, pausedUntil, reason, learnt: gate.learnt() }
    return { name: nameOf(system, process), fact, key: JSON.stringify(fact) }
  }

  function noteFlushed(counts: readonly CallCount[], hour: number): void {
    if (flushed.hour !== hour) flushed = { hour, calls: new Map() }
    for (const { system, lane, count } of counts) {
      const key = `${system} ${lane}`
      flushed.calls.set(key, (flushed.calls.get(key) ?? 0) + count)
    }
  }

  async function hear(): Promise<void> {
    const hour = Math.floor(now() / hourMs)
    const rows = await store.read(selectShared(hour))
    for (const gate of gates) {
      const { system } = gate.status()
      obeyResume(gate, rows)
      gate.hear({ hour, ...toElsewhere(rows, { system, hour }) })
    }
  }

  /** The operator has taken all that was told out of the state: what we know now is told anew. */
  function obeyResume(gate: Deps['gates'][number], rows: readonly Row[]): void {
    const { system } = gate.status()
    const row = rows.find(({ name }) => name === resumedName(system))
    const word = row === undefined ? undefined : String(row['value'])
    if (word === undefined || resumed.get(system) === word) return
    resumed.set(system, word)
    gate.lift()
    told.delete(nameOf(system, process))
  }

  function toElsewhere(
    rows: readonly Row[],
    { system, hour }: { readonly system: string; readonly hour: number },
  ): Omit<Elsewhere, 'hour'> {
    const callsByLane = { ...noCalls }
    const learnt: Learnt[] = []
    const alive = toAlive(rows, now())
    for (const row of rows) {
      const [name, lane, value] = [String(row['name']), String(row['lane']), String(row['value'])]
      if (name === system && lane in callsByLane) {
        const ours = flushed.hour === hour ? (flushed.calls.get(`${system} ${lane}`) ?? 0) : 0
        // Only lanes are counted under a system's name.
        callsByLane[lane as Lane] = Math.max(0, Number(value) - ours)
      } else if (name.startsWith(nameOf(system, '')) && name !== nameOf(system, process)) {
        const fact = readGateFact(value)
        // What a process that is gone was told still holds; what it met itself does not.
        const isAlive = alive.has(fact.process)
        learnt.push(isAlive ? fact.learnt : { ...fact.learnt, circuit: null })
      }
    }
    return { callsByLane, learnt }
  }

  return {
    /** Counts one call by system and lane. */
    called: ({ system, lane }: { readonly system: string; readonly lane: string }): void =>
      add(pending, { system, lane, count: 1 }),
    tell: (): Promise<void> => inTurn(tell),
    hear: (): Promise<void> => inTurn(hear),
    /** What is to be forgotten when this process ends: what a system told us lasts longer than we do. */
    farewell: (): readonly Statement[] =>
      gates
        .filter((gate) => !lasts(gate.learnt(), now()))
        .map((gate) => removeFact(nameOf(gate.status().system, process))),
  }
}

/** The name that the state has for the gate of one process. */
function nameOf(system: string, process: string): string {
  return `gate:${system}:${process}`
}

function resumedName(system: string): string {
  return `resumed:${system}`
}

/**
 * Ends every wait that the system told to any process, also one that is dead: the living obey within
 * a second. `at` is epoch ms.
 */
export function resumeSystem(system: string, at: number): readonly Statement[] {
  return [
    { sql: `DELETE FROM facts WHERE name LIKE $1`, params: [nameOf(system, '%')] },
    writeFact(resumedName(system), String(at)),
  ]
}

/** Reads a fact whose name begins with `gate:`. */
export function readGateFact(text: string): GateFact {
  // Only `tell` writes facts of this name.
  return JSON.parse(text) as GateFact
}

function toAlive(rows: readonly Row[], now: number): ReadonlySet<string> {
  const signs = rows.filter(({ name }) => String(name).startsWith('role:'))
  return new Set(
    signs
      .map(({ value }) => readRoleFact(String(value)))
      .filter((fact) => isAlive(fact, now))
      .map(({ process }) => process),
  )
}

/** The calls of this hour, every gate, every role and what operators said, in one question. */
function selectShared(hour: number): Statement {
  return {
    sql: `SELECT system AS name, lane, CAST(count AS TEXT) AS value FROM calls WHERE hour = $1
          UNION ALL SELECT name, '' AS lane, value FROM facts
            WHERE name LIKE 'gate:%' OR name LIKE 'role:%' OR name LIKE 'resumed:%'`,
    params: [hour],
  }
}

function lasts({ pause, budget }: Learnt, now: number): boolean {
  return (pause?.until ?? 0) > now || (budget?.until ?? 0) > now
}

function add(counts: Map<string, CallCount>, { system, lane, count }: CallCount): void {
  const key = `${system} ${lane}`
  counts.set(key, { system, lane, count: (counts.get(key)?.count ?? 0) + count })
}

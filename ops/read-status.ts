import type { EventLog } from '../event-log/event-log.ts'
import { within } from '../runtime/within.ts'
import { kinds } from '../schemas/kind.ts'
import { systems, type System } from '../schemas/record-ref.ts'
import { makeCalls, toBudgetYear } from '../state/calls.ts'
import { makeBackfills } from '../state/backfills.ts'
import { makeFacts } from '../state/facts.ts'
import { makeCursors } from '../state/cursors.ts'
import { countFlagged } from '../state/flagged.ts'
import { makePairs } from '../state/pairs.ts'
import { makeParkedRecords } from '../state/parked.ts'
import { makePauses, type Pause } from '../state/pauses.ts'
import { readPollPace, readUnread } from '../state/poll-pace.ts'
import { countWakes } from '../state/relations.ts'
import type { StateStore } from '../state/state-store.ts'
import { readMisses } from './read-misses.ts'
import { toBackfillStatus } from './to-backfill-status.ts'
import { isAlive, readRoleFact, type RoleFact } from './role-fact.ts'
import { readGateFact, type GateFact } from './share-gates.ts'
import { readSpoolFact, sumSpools } from './share-spool.ts'
import type { Status } from './status.ts'

export type StatusSources = {
  readonly store: StateStore
  readonly log: Pick<EventLog, 'lags'>
  readonly builtKinds: readonly string[]
  readonly limits: {
    readonly hour: Readonly<Record<System, number | null>>
    readonly year: Readonly<Record<System, number | null>>
  }
  readonly now: () => number
  /** Brings this process's own counts into the state first. */
  readonly flush: () => Promise<void>
}

/** `GET /ops/status`, read from the state and the log, so that any process can answer it. */
export function makeReadStatus(sources: StatusSources): () => Promise<Status> {
  const { store, log, now } = sources
  const facts = makeFacts(store)
  const pauses = makePauses(store)

  return async () => {
    await sources.flush()
    const [paused, roleTexts, gateTexts, spoolTexts, kindFacts, leftAlone, lags] =
      await Promise.all([
        pauses.all(),
        facts.readAll('role:'),
        facts.readAll('gate:'),
        facts.readAll('spool:'),
        facts.readAll('kind:'),
        facts.readAll('left-alone:'),
        readLags(log),
      ])
    const roleFacts = [...roleTexts.values()].map(readRoleFact)
    const alive = new Set(roleFacts.filter((one) => isAlive(one, now())).map((one) => one.process))
    const gatesOf = (system: System) =>
      [...gateTexts]
        .filter(([name]) => name.startsWith(`gate:${system}:`))
        .map(([, text]) => readGateFact(text))
        // What a process that is gone was told still holds; what it met itself does not.
        .filter(({ process, pausedUntil }) => alive.has(process) || (pausedUntil ?? 0) > now())
    const spools = [...spoolTexts.values()]
      .map(readSpoolFact)
      .filter(({ process }) => alive.has(process))
    return {
      roles: roleFacts.map((fact) => toRole(fact, now())),
      groups: lags.map(({ group, events, seconds }) => ({
        group,
        lagEvents: events,
        lagSeconds: Math.round(seconds * 1000) / 1000,
      })),
      systems: await Promise.all(
        systems.map((system) => readSystem(sources, { system, gates: gatesOf(system), paused })),
      ),
      cursors: (await Promise.all(systems.map((system) => readCursors(sources, system)))).flat(),
      kinds: await Promise.all(
        kinds.map((kind) =>
          readKind(sources, { kind, fact: kindFacts.get(`kind:${kind}`), leftAlone, paused }),
        ),
      ),
      misses: await readMisses(store, now()),
      spool: sumSpools(spools, now()),
      backfills: (await makeBackfills(store).list(mostBackfills)).map((one) =>
        toBackfillStatus(one, now()),
      ),
      following: await countWakes(store),
    }
  }
}

const mostBackfills = 20

const lagsWithinMs = 3_000

/** A log that is away must not hide the rest, of all things the spool; `/readyz` says that it is away. */
function readLags(log: Pick<EventLog, 'lags'>): ReturnType<EventLog['lags']> {
  return within(lagsWithinMs, log.lags()).catch(() => [])
}

function toRole(fact: RoleFact, now: number): Status['roles'][number] {
  const { role, pid, since } = fact
  return { role, pid, since: toIso(since), alive: isAlive(fact, now) }
}

/** Of each kind the list that is furthest behind; those that are not asked for in every interval do not count. */
async function readCursors(
  { store, now }: StatusSources,
  system: System,
): Promise<Status['cursors']> {
  const oldest = new Map<string, number>()
  for (const { kind, at, isSlow } of await makeCursors(store).ofSystem(system)) {
    if (!isSlow) oldest.set(kind, Math.min(at, oldest.get(kind) ?? at))
  }
  return [...oldest].map(([kind, at]) => ({
    kind,
    system,
    at: toIso(at),
    ageSeconds: Math.max(0, Math.round((now() - at) / 1000)),
  }))
}

type Asked = { readonly paused: readonly Pause[] }

async function readSystem(
  { store, limits, now }: StatusSources,
  {
    system,
    gates,
    paused,
  }: Asked & { readonly system: System; readonly gates: readonly GateFact[] },
): Promise<Status['systems'][number]> {
  const calls = makeCalls(store)
  const connectedAt = await makeFacts(store).read('connected_at')
  const year = toBudgetYear(connectedAt === undefined ? undefined : Number(connectedAt), now())
  const [callsThisHour, callsThisYear, pace, unread] = await Promise.all([
    calls.since(system, now()),
    calls.since(system, year.from),
    readPollPace(store, system),
    readUnread(store, system),
  ])
  const pause = paused.find(({ what }) => what === system)
  const { circuit, waitsUntil, why } = readGates(gates, now())
  return {
    system,
    circuit,
    pausedUntil: waitsUntil,
    reason: pause?.reason ?? why,
    callsThisHour,
    hourLimit: limits.hour[system],
    callsThisYear,
    yearLimit: limits.year[system],
    pollSeconds: pace?.seconds ?? null,
    pollReason: [pace?.reason ?? 'It has not been polled yet.', ...toUnreadReasons(unread)].join(
      ' ',
    ),
  }
}

function toUnreadReasons(unread: ReadonlyMap<string, string>): readonly string[] {
  return [...unread].map(([list, why]) => {
    const [kind = '', resource = ''] = list.split(':')
    return `The list ${resource} (${kind}) could not be read when it was last asked for: ${why}.`
  })
}

const worstFirst = ['open', 'half-open', 'closed'] as const

/** The gate that is worst off, as its process last told it; a wait that is over is none. */
function readGates(gates: readonly GateFact[], now: number) {
  const [worst] = [...gates].sort(
    (one, two) =>
      worstFirst.indexOf(one.circuit) - worstFirst.indexOf(two.circuit) ||
      (two.pausedUntil ?? 0) - (one.pausedUntil ?? 0),
  )
  if (worst === undefined) return { circuit: 'closed', waitsUntil: null, why: null } as const
  const { circuit, pausedUntil, reason } = worst
  const waitsUntil = pausedUntil !== null && pausedUntil > now ? toIso(pausedUntil) : null
  const isCalled = circuit === 'closed' && waitsUntil === null
  return { circuit, waitsUntil, why: isCalled ? null : reason }
}

function toIso(at: number): string {
  return new Date(at).toISOString()
}

type KindFacts = {
  readonly kind: string
  readonly fact: string | undefined
  /** What the credentials do not reach, of any kind: sentences by `left-alone:<kind>:<what>`. */
  readonly leftAlone: ReadonlyMap<string, string>
}

async function readKind(
  { store, builtKinds }: StatusSources,
  { kind, fact, leftAlone, paused }: Asked & KindFacts,
): Promise<Status['kinds'][number]> {
  if (!builtKinds.includes(kind)) {
    const reason = 'This version does not synchronise it; its events are kept on their topics.'
    const none = { pairs: 0, standingApart: 0, parked: 0, flagged: 0 }
    return { kind, enabled: false, reason, ...none }
  }
  const [{ pairs, apart }, parked, flagged] = await Promise.all([
    makePairs(store).count(kind),
    makeParkedRecords(store).count(kind),
    countFlagged(store, kind),
  ])
  // The fact holds only what the consumers printed.
  const known =
    fact === undefined
      ? undefined
      : (JSON.parse(fact) as { enabled: boolean; reason: string | null })
  const pause = paused.find(({ what }) => what === kind || what === `deletes:${kind}`)
  const left = [...leftAlone].filter(([name]) => name.startsWith(`left-alone:${kind}:`))
  const parts = left.length === 0 ? null : left.map(([, sentence]) => sentence).join(' ')
  return {
    kind,
    enabled: (known?.enabled ?? true) && pause?.what !== kind,
    reason: pause?.reason ?? known?.reason ?? parts,
    pairs,
    standingApart: apart,
    parked,
    flagged,
  }
}

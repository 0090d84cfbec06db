import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '../event-log/event-log.ts'
import { kinds, outreachTypes, type Kind } from '../schemas/kind.ts'
import type { Outcome } from '../schemas/outcome.ts'
import { readRecordRef, systems, type RecordRef } from '../schemas/record-ref.ts'
import { toRequestEntry } from '../sdk/to-request-entry.ts'
import { removeFlagTimes } from '../state/flag-times.ts'
import { makeOutcomes } from '../state/outcomes.ts'
import { releaseParked } from '../state/parked.ts'
import { removePause, writePause } from '../state/pauses.ts'
import { writeRequest } from '../state/poll-rounds.ts'
import type { StateStore } from '../state/state-store.ts'
import { makeBackfillOrders } from './backfill-orders.ts'
import { isKind, type Pausable } from './pausable.ts'
import { makeReadStatus, type StatusSources } from './read-status.ts'
import { resumeSystem } from './share-gates.ts'
import type { VerbDeps } from './verbs.ts'

type Deps = StatusSources & {
  readonly store: StateStore
  readonly log: EventLog
  /** The kinds that this version synchronises. */
  readonly builtKinds: readonly string[]
  readonly now: () => number
  readonly randomId: () => string
  readonly randomBytes: (size: number) => Buffer
  /** Consumers in this process look at pauses and parked rows at once, others within a second; no call is waited for. */
  readonly pausesChanged: () => Promise<void>
}

/** The verbs' doors into the state and the log: any process can answer any of them (product 6). */
export function makeVerbDeps(deps: Deps): VerbDeps {
  const { store, now } = deps
  const outcomes = makeOutcomes(store)

  return {
    now,
    status: makeReadStatus(deps),

    outcomes: {
      byRecord: async (record, limit) =>
        (await outcomes.byRecord(record, limit)).map((body) => readOutcome(body)),
      follow: async ({ after, record, limit }) => {
        // Ids begin with the time, so that "from now on" is an id too.
        const from = after ?? String(now()).padStart(14, '0')
        const found = await outcomes.since(from, limit)
        const told = found.map(({ body }) => readOutcome(body))
        return {
          outcomes: record === undefined ? told : told.filter((one) => isAbout(one, record)),
          cursor: found.at(-1)?.id ?? from,
        }
      },
    },

    requestSync: async (record, by) => {
      const kind = kindOf(record)
      if (kind === undefined || !deps.builtKinds.includes(kind)) {
        const why = `There is no sync for ${record}; records of ${deps.builtKinds.join(', ')} are synchronised in this version.`
        return { kind: 'refused', why }
      }
      const request = { record, reason: `asked for by ${by}` }
      await deps.log.append([toRequestEntry(deps, 'ops', request)])
      return { kind: 'requested' }
    },

    requestReconcile: async (kind) => {
      if (kind !== null && !deps.builtKinds.includes(kind)) {
        const why = `There is no sync of kind ${kind} yet; this version polls ${deps.builtKinds.join(', ')}.`
        return { kind: 'refused', why }
      }
      const id = deps.randomId()
      await store.write(
        systems.map((system) =>
          writeRequest({ id: `${id}-${system}`, system, kind: kind ?? '' }, now()),
        ),
      )
      return { kind: 'requested' }
    },

    backfills: makeBackfillOrders({
      ...deps,
      wait: (ms) => sleep(ms),
      changed: deps.pausesChanged,
    }),

    pauses: {
      set: async (what, by) => {
        const reason = `Paused by ${by}; goes on with: ops resume ${what}`
        await store.write([writePause({ what, cause: 'operator', reason, since: now() })])
        await deps.pausesChanged()
      },
      clear: async (what) => {
        await store.write([removePause(what), ...release(what, now())])
        await deps.pausesChanged()
      },
    },

    audit: {
      record: async ({ at, by, verb, what }) => {
        const id = `${String(at).padStart(14, '0')}-${deps.randomId()}`
        await store.write([
          {
            sql: `INSERT INTO audit (id, at, who, verb, what) VALUES ($1, $2, $3, $4, $5)`,
            params: [id, at, by, verb, what],
          },
        ])
      },
    },
  }
}

/**
 * Whatever stood still goes on. Of a kind: its pause, its delete brake, what was parked behind them; of
 * a system: the waits that it told us.
 */
function release(what: Pausable, now: number) {
  if (!isKind(what)) return resumeSystem(what, now)
  return [
    removePause(`deletes:${what}`),
    { sql: `DELETE FROM deletions WHERE kind = $1`, params: [what] },
    removeFlagTimes(what),
    ...['pause', 'setup', 'delete-brake'].map((cause) => releaseParked(what, cause, now)),
  ]
}

function readOutcome(body: string): Outcome {
  // The table holds only what the sync printed.
  return JSON.parse(body) as Outcome
}

function kindOf(record: RecordRef): Kind | undefined {
  const parts = readRecordRef(record)
  return kinds.find((kind) =>
    parts?.system === 'workbooks' ? parts.type === kind : parts?.type === outreachTypes[kind],
  )
}

function isAbout({ kind, pair }: Outcome, record: RecordRef): boolean {
  const parts = readRecordRef(record)
  return parts !== undefined && kindOf(record) === kind && pair[parts.system] === parts.id
}

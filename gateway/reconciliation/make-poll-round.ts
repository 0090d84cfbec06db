import type { Call } from '../../clients/call.ts'
import { isCallError, SetupFault, SystemAway, type CallError } from '../../clients/errors.ts'
import type { OutreachClient } from '../../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../../clients/workbooks/workbooks-client.ts'
import type { PolledResource, Polling } from '../../schemas/polling.ts'
import type { System } from '../../schemas/record-ref.ts'
import { makeCursors, writeCursor, type Cursor } from '../../state/cursors.ts'
import { readUnread, removeUnread, writeUnread } from '../../state/poll-pace.ts'
import type { Statement, StateStore } from '../../state/state-store.ts'
import { writePublished, type Versions } from '../../state/versions.ts'
import type { RoundOutcome } from './decide-due-at.ts'
import { findFirstPosition } from './first-position.ts'
import type { PublishFound } from './make-publish-found.ts'
import { pollOutreach, type OutreachPosition } from './poll-outreach.ts'
import { pollWorkbooks, type Polled } from './poll-workbooks.ts'
import type { KindNow } from './read-kinds-now.ts'
import type { TheirClock } from './their-clock.ts'
import type { WorkbooksPosition } from './workbooks-position.ts'

export type PollSignals = {
  readonly polled: (
    facts: Polled & { readonly system: System; readonly resource: string; readonly ms: number },
  ) => void
  readonly pollFailed: (facts: {
    readonly system: System
    readonly resource: string
    readonly error: unknown
  }) => void
}

type Deps = {
  readonly store: StateStore
  readonly versions: Versions
  readonly outreach: Pick<OutreachClient, 'page' | 'isOAuth'>
  readonly workbooks: Pick<WorkbooksClient, 'page'>
  readonly clocks: Readonly<Record<System, TheirClock>>
  readonly publishFound: PublishFound
  readonly traceparent: () => string
  readonly now: () => number
  readonly signals: PollSignals
}

export type Round = {
  readonly system: System
  readonly kinds: readonly KindNow[]
  readonly round: number
  /** An operator asks: also for what is not due in this interval. */
  readonly isAsked: boolean
  readonly signal: AbortSignal
}

/** One list of one kind, ready to be asked for. */
type Task = {
  readonly kind: string
  readonly resource: string
  /** It is not asked for in every interval. */
  readonly isSlow: boolean
  readonly run: () => Promise<Polled>
  /** What is to be remembered where its system refuses it. */
  readonly whenRefused: () => readonly Statement[]
}

/**
 * One interval of one system. What fails keeps its place, and the others go on, unless the system is
 * away for all. Rejects only where the state or the log is away.
 */
export function makePollRound(deps: Deps) {
  const { store, versions, now, signals } = deps
  const cursors = makeCursors(store)

  async function tasksOf(round: Round): Promise<readonly Task[]> {
    const known = await cursors.ofSystem(round.system)
    const call: Call = { lane: 'reconciliation', signal: round.signal }
    return round.kinds.flatMap((kind) =>
      round.system === 'workbooks'
        ? [toRowTask(kind, { known, call })]
        : kind.polling.outreach.flatMap((resource) =>
            toListTask(kind, { known, call, round, resource }),
          ),
    )
  }

  type Given = { readonly known: readonly Cursor[]; readonly call: Call }

  function toRowTask({ polling, connectedAt }: KindNow, { known, call }: Given): Task {
    const { kind, workbooks } = polling
    const cursor = cursorOf(known, kind, workbooks.type)
    const run = async (): Promise<Polled> => {
      if (cursor === undefined) await settle({ polling, connectedAt }, call)
      const kept = cursor ?? cursorOf(await cursors.ofSystem('workbooks'), kind, workbooks.type)
      // Only this module writes them.
      const position = JSON.parse(kept?.position ?? '{"floor":0}') as WorkbooksPosition
      const begunAt = now()
      const keep = (next: WorkbooksPosition) => keepRows(polling, next, begunAt)
      return pollWorkbooks(
        { ...deps, clock: deps.clocks.workbooks },
        {
          ...{ polling, position, keep, call },
        },
      )
    }
    return { kind, resource: workbooks.type, isSlow: false, run, whenRefused: () => [] }
  }

  type ListGiven = Given & { readonly round: Round; readonly resource: PolledResource }

  function toListTask({ polling, connectedAt }: KindNow, given: ListGiven): readonly Task[] {
    const { known, call, round, resource } = given
    if (resource.oauthOnly && !deps.outreach.isOAuth) return []
    const name = nameOf(resource)
    const kept = cursorOf(known, polling.kind, name)
    const first: OutreachPosition = {
      floor: connectedAt.outreach,
      round: round.round - resource.every,
    }
    // Only this module writes them.
    const position = kept === undefined ? first : (JSON.parse(kept.position) as OutreachPosition)
    if (!isDue(position, given) && !round.isAsked) return []
    const isSlow = resource.every > 1
    let at = kept?.at ?? position.floor * 1000
    let reached = position
    const keep = () =>
      writeCursor({
        ...{ system: 'outreach', kind: polling.kind, resource: name, at, isSlow },
        position: JSON.stringify(reached),
      })
    const run = () => {
      const begunAt = now()
      return pollOutreach(
        { ...deps, clock: deps.clocks.outreach },
        {
          ...{ resource, position, call, round: round.round },
          keep: (next) => {
            reached = next
            at = next.walk === undefined ? begunAt : next.walk.time * 1000
            return keep()
          },
        },
      )
    }
    const whenRefused = () => {
      // One that is asked for in every interval is asked for in the next.
      if (!isSlow) return []
      reached = { ...reached, refusedIn: round.round }
      return [keep()]
    }
    return [{ kind: polling.kind, resource: name, isSlow, run, whenRefused }]
  }

  /** Where the polling of a kind's rows begins; kept, so that it begins there once. */
  async function settle({ polling, connectedAt }: KindNow, call: Call): Promise<void> {
    const settledAt = now()
    const asked = { polling, connectedAt: connectedAt.workbooks, call }
    const { floor, asTheyStand } = await findFirstPosition(deps, asked)
    const ids = asTheyStand.map(({ id }) => id)
    const known = await versions.read('workbooks', polling.workbooks.type, ids)
    const published = asTheyStand.map((one) => {
      return { ...one, handlings: known.get(one.id)?.handlings ?? 0 }
    })
    await store.write([
      ...writePublished(published, settledAt),
      keepRows(polling, { floor }, settledAt),
    ])
  }

  function keepRows({ kind, workbooks }: Polling, position: WorkbooksPosition, begunAt: number) {
    return writeCursor({
      ...{ system: 'workbooks', kind, resource: workbooks.type },
      at: position.walk === undefined ? begunAt : position.walk.time * 1000,
      isSlow: false,
      position: JSON.stringify(position),
    })
  }

  async function pollRound(round: Round): Promise<RoundOutcome> {
    const { system, signal } = round
    const unread = await readUnread(store, system)
    let outcome: RoundOutcome = 'read'
    for (const task of await tasksOf(round)) {
      signal.throwIfAborted()
      const { kind, resource, isSlow } = task
      const startedAt = now()
      try {
        const polled = await task.run()
        signals.polled({ system, resource, ...polled, ms: now() - startedAt })
        const list = { system, kind, resource }
        if (unread.has(`${kind}:${resource}`)) await store.write([removeUnread(list)])
      } catch (error) {
        if (signal.aborted || !isCallError(error)) throw error
        signals.pollFailed({ system, resource, error })
        if (error instanceof SystemAway) return 'away'
        const why = toSentence(error)
        const list = { system, kind, resource }
        await store.write([...task.whenRefused(), writeUnread(list, why)])
        if (!isSlow) outcome = 'failed'
      }
    }
    return outcome
  }

  /** Kinds whose rows were never polled: their place is kept, nothing is published. */
  async function settleNew(kinds: readonly KindNow[], signal: AbortSignal): Promise<void> {
    const known = await cursors.ofSystem('workbooks')
    for (const kind of kinds) {
      const { workbooks } = kind.polling
      if (cursorOf(known, kind.polling.kind, workbooks.type) !== undefined) continue
      await settle(kind, { lane: 'reconciliation', signal })
    }
  }

  return { pollRound, settleNew }
}

export type PollRound = ReturnType<typeof makePollRound>

/** Where it was refused, it is not asked again before its next turn, at whatever place it was. */
function isDue(
  { walk, round, refusedIn }: OutreachPosition,
  asked: { readonly round: Round; readonly resource: PolledResource },
): boolean {
  const since = asked.round.round - (refusedIn ?? round)
  return since >= asked.resource.every || (walk !== undefined && refusedIn === undefined)
}

function toSentence(error: CallError): string {
  return error instanceof SetupFault ? `${error.message}; ${error.mend}` : error.message
}

function cursorOf(known: readonly Cursor[], kind: string, resource: string): Cursor | undefined {
  return known.find((cursor) => cursor.kind === kind && cursor.resource === resource)
}

/** A list by its type and what else it is filtered by. */
function nameOf({ type, filter = {} }: PolledResource): string {
  const terms = Object.entries(filter).map(([name, value]) => `${name}=${value}`)
  return terms.length === 0 ? type : `${type}?${terms.join('&')}`
}

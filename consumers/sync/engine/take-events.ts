import type { Handed, Take } from '../../../event-log/event-log.ts'
import { readEvent } from '../../../schemas/read-event.ts'
import type { System } from '../../../schemas/record-ref.ts'
import type { Pair, Pairs } from '../../../state/pairs.ts'
import type { ParkedRecords } from '../../../state/parked.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { refOfHint, toHint, type Hint, type LinksOfRow } from '../hint.ts'
import { idsOf, keysOf, type Kind } from '../kinds/kind.ts'
import { keepOutcome } from '../pair/settle.ts'
import { toOutcome } from '../pair/to-outcome.ts'
import type { ToldOutcome } from '../pair/work.ts'
import { classifyHint } from './classify-hint.ts'
import { isAbandoned, sayDone, type Queued } from './hint-queue.ts'
import type { ParkHints } from './park-hint.ts'
import type { Publish } from './publish-outcomes.ts'

type Deps = {
  readonly kinds: readonly Kind[]
  readonly linksOfRow?: LinksOfRow
  readonly store: StateStore
  readonly pairs: Pairs
  readonly parked: ParkedRecords
  readonly parking: ParkHints
  readonly add: (queued: Queued) => void
  readonly publish: Publish
  readonly newOutcomeId: (at: number) => string
  readonly now: () => number
  /** A hint that names nothing that could matter waits this long for company (rulebook 2). */
  readonly companyMs: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly signals: {
    readonly hintsTaken: (facts: { group: string; hints: number }) => void
    readonly consumerFailed: (facts: { group: string; error: unknown }) => void
  }
}

type Arrived = {
  readonly handed: Handed
  readonly hint: Hint
  /** Its outcome, where it needs none but this: the same one however often it is tried. */
  told?: ToldOutcome
  /** It was queued, has joined a parked row, or was told: a second try leaves it alone. */
  isSorted?: true
}

/** Begins once what came before is placed, and says when its own entries are. */
type Turn = { readonly before: Promise<void>; readonly placed: () => void }

/** Turns what the log hands out into hints, and looks up at once what each of them is worth. */
export function makeTakeEvents(deps: Deps): Take {
  const { kinds } = deps
  const takeTurn = makeTurns()

  return (handed, owned) => {
    const arrived: Arrived[] = []
    for (const one of handed) {
      const event = readEvent(one.value)
      const hint = event === undefined ? undefined : toHint(event, kinds, deps.linksOfRow)
      // About no kind of ours: handled by having been looked at.
      if (hint === undefined) one.done()
      else arrived.push({ handed: one, hint })
    }
    if (arrived.length === 0) return
    const turn = takeTurn(placeOf(arrived))
    void sortUntilDone(deps, { arrived, owned, turn }).finally(turn.placed)
  }
}

/** One after the other at each place: who is looked up faster would overtake his record's earlier events. */
function makeTurns(): (place: string) => Turn {
  const last = new Map<string, Promise<void>>()
  return (place) => {
    const before = last.get(place) ?? Promise.resolve()
    let placed = () => {}
    const done = new Promise<void>((resolve) => (placed = resolve))
    last.set(place, done)
    return { before, placed: () => placed() }
  }
}

/** Entries that are handed out together are of one partition. */
function placeOf([first]: readonly Arrived[]): string {
  const at = first?.handed.at
  return `${at?.topic ?? ''}/${at?.partition ?? ''}`
}

type Sorting = {
  readonly arrived: readonly Arrived[]
  readonly owned: AbortSignal
  readonly turn: Turn
}

async function sortUntilDone(deps: Deps, { arrived, owned, turn }: Sorting): Promise<void> {
  await turn.before
  // Another process's by now, or ours once more with another claim: either way it comes again.
  const isLost = () => owned.aborted
  while (!isLost()) {
    try {
      const unsorted = arrived.filter(({ isSorted }) => isSorted !== true)
      await sort(deps, { arrived: unsorted, owned, turn })
      if (!isLost()) deps.signals.hintsTaken({ group: 'sync', hints: arrived.length })
      return
    } catch (error) {
      if (isLost()) return
      // The state is away: the entries stay in hand, and are looked at again.
      deps.signals.consumerFailed({ group: 'sync', error })
      await deps.wait(1_000)
    }
  }
}

async function sort(deps: Deps, { arrived, owned, turn }: Sorting): Promise<void> {
  const { kinds, now } = deps
  const refs = arrived.map(({ hint }) => refOfHint(hint, kinds))
  const [rows, ...pairs] = await Promise.all([
    deps.parked.byRecords([...new Set(refs)]),
    ...kinds.flatMap((kind) =>
      (['workbooks', 'outreach'] as const).map((side) => pairsOf(deps, { kind, side, arrived })),
    ),
  ])
  if (owned.aborted) return
  const parked = new Set(rows.map(({ record }) => record))
  const pairBy = new Map(pairs.flat())
  const joining: Promise<void>[] = []
  const telling: Promise<void>[] = []
  for (const [index, one] of arrived.entries()) {
    const { handed, hint } = one
    const ref = refs[index]
    const kind = kinds.find(({ name }) => name === hint.kind)
    if (ref === undefined || kind === undefined) continue
    const pair = pairBy.get(ref)
    const worth = classifyHint(kind, hint, pair)
    const isIdle = worth === 'idle'
    const queued: Queued = {
      ref,
      hint,
      keys: pair === undefined ? [] : keysOf(kind, pair),
      readyAt: isIdle ? now() + deps.companyMs() : now(),
      isIdle,
      claims: [{ owned, done: handed.done }],
      parked: undefined,
      told: [],
    }
    if (worth === 'nothing') telling.push(tellNothing(deps, { kind, queued, arrived: one, owned }))
    else if (parked.has(ref)) joining.push(joinOrAdd(deps, one, queued))
    else {
      one.isSorted = true
      deps.add(queued)
    }
  }
  // Each to its end, so that a second try knows what is left of the first.
  const told = Promise.allSettled(telling)
  const joined = await Promise.allSettled(joining)
  if (joined.every(({ status }) => status === 'fulfilled')) turn.placed()
  const failed = [...joined, ...(await told)].find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** Later events of a parked record wait with it, in their order (rulebook 10). */
async function joinOrAdd(deps: Deps, arrived: Arrived, queued: Queued): Promise<void> {
  const hasJoined = await deps.parking.join(queued.ref, queued.hint)
  if (isAbandoned(queued)) return
  arrived.isSorted = true
  if (hasJoined) sayDone(queued)
  else deps.add(queued)
}

type Sorted = {
  readonly kind: Kind
  readonly side: System
  readonly arrived: readonly Arrived[]
}

async function pairsOf(
  { pairs }: Deps,
  { kind, side, arrived }: Sorted,
): Promise<readonly (readonly [string, Pair])[]> {
  const ids = arrived
    .filter(({ hint }) => hint.kind === kind.name && hint.side === side && hint.part === undefined)
    .map(({ hint }) => hint.id)
  if (ids.length === 0) return []
  const found = await pairs.byRecords(kind.name, side, [...new Set(ids)])
  return found
    .filter(({ status }) => status === 'linked')
    .map((pair) => [
      `${side}:${kind[side].type}:${side === 'workbooks' ? pair.workbooksId : pair.outreachId}`,
      pair,
    ])
}

type Nothing = {
  readonly kind: Kind
  readonly queued: Queued
  readonly arrived: Arrived
  readonly owned: AbortSignal
}

/** An event that moves `touchedAt` only costs nothing, and says so (rulebook 2). */
async function tellNothing(deps: Deps, { kind, queued, arrived, owned }: Nothing): Promise<void> {
  const { ref, hint, keys } = queued
  const told = (arrived.told ??= {
    id: deps.newOutcomeId(deps.now()),
    outcome: toOutcome(
      { kind, hint, calls: { count: 0 } },
      { outcome: 'unchanged', reason: 'Only touchedAt moved.', ...idsOf(keys) },
      deps.now(),
    ),
  })
  await deps.store.write(keepOutcome({ kind, hint }, told))
  const origin = hint.events[0]?.origin ?? 'webhook'
  await deps.publish([told], {
    ref,
    origin,
    traceparent: hint.events[0]?.traceparent,
    signal: owned,
  })
  arrived.isSorted = true
  sayDone(queued)
}

import { isCallError, SystemAway } from '../../../clients/errors.ts'
import { waitFor } from '../../../runtime/wait-for.ts'
import type { Polling } from '../../../schemas/polling.ts'
import { makeFacts, writeFact } from '../../../state/facts.ts'
import { countLinked, readLinkedAfter, type Pair } from '../../../state/pairs.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { Found } from '../found.ts'
import type { PublishFound } from '../make-publish-found.ts'
import { readKindsNow, type KindNow } from '../read-kinds-now.ts'
import { pairsPerPage } from './decide-sweep-pace.ts'

type Deps = {
  readonly store: StateStore
  readonly pollings: readonly Polling[]
  /** What of these pairs is gone, or is not as it was handled. */
  readonly sweepPage: (
    polling: Polling,
    pairs: readonly Pair[],
    signal: AbortSignal,
  ) => Promise<readonly Found[]>
  readonly publishFound: PublishFound
  /** How long to wait between two pages, in ms, by how many pairs there are. */
  readonly paceMs: (pairs: number) => number
  readonly now: () => number
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signals: {
    readonly swept: (facts: { kind: string; pairs: number; found: number }) => void
    /** These pairs, by their Workbooks ids, are looked at again in the next round. */
    readonly sweepPageFailed: (facts: {
      readonly kind: string
      readonly from: string
      readonly to: string
      readonly error: unknown
    }) => void
    readonly sweepFailed: (error: unknown) => void
  }
}

/** Where the sweep is; a kind that is not on any more begins the round anew. */
type Place = {
  readonly kind: string
  /** The last pair that was looked at, by its Workbooks id; empty: none of the kind. */
  readonly after: string
  /** Epoch ms: the next page is not read before. */
  readonly dueAt: number
}

const factName = 'sweep'
const lookEveryMs = 1_000
const restMs = 60_000

/**
 * Looks at every linked pair in turn, slowly, for what neither a webhook nor a list tells: records that are
 * gone, and changes that moved no time. Of all processes one does so at a time; where it was is in the state.
 */
export function makeSweep(deps: Deps) {
  const { store, pollings, publishFound, paceMs, now, signals, wait = waitFor } = deps
  const facts = makeFacts(store)
  const stopping = new AbortController()
  const { signal } = stopping
  let looping: Promise<void> = Promise.resolve()
  let looking: Promise<void> | undefined
  let restUntil = 0
  /** As it was last read: the state need not be asked each second for what is due in an hour. */
  let dueAt = 0

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      await lookSafely()
      await wait(lookEveryMs, signal).catch(() => undefined)
    }
  }

  function lookSafely(): Promise<void> {
    looking ??= look()
      .catch((error: unknown) => {
        restUntil = now() + restMs
        // A system that is away says so by its own signal.
        if (!signal.aborted && !(error instanceof SystemAway)) signals.sweepFailed(error)
      })
      .finally(() => {
        looking = undefined
      })
    return looking
  }

  async function look(): Promise<void> {
    if (now() < Math.max(dueAt, restUntil)) return
    const kinds = await readKindsNow(store, pollings)
    if (kinds === undefined || kinds.length === 0) return
    await store.exclusively(
      ['reconciliation:sweep'],
      (held) => sweepIfDue(kinds, AbortSignal.any([held, signal])),
      signal,
    )
  }

  async function sweepIfDue(kinds: readonly KindNow[], held: AbortSignal): Promise<void> {
    const counts = await Promise.all(kinds.map(({ polling }) => countLinked(store, polling.kind)))
    const pace = paceMs(counts.reduce((sum, count) => sum + count, 0))
    const place = await readPlace()
    if (place === undefined) {
      await store.write([keep({ kind: '', after: '', dueAt: now() + pace })])
      return
    }
    // Many pairs were linked since then: they are not waited for as long as few were.
    dueAt = Math.min(place.dueAt, now() + pace)
    if (now() >= dueAt) await sweepFrom(kinds, { place, pace, held })
  }

  type From = { readonly place: Place; readonly pace: number; readonly held: AbortSignal }

  async function sweepFrom(kinds: readonly KindNow[], { place, pace, held }: From): Promise<void> {
    const at = Math.max(
      0,
      kinds.findIndex(({ polling }) => polling.kind === place.kind),
    )
    const { polling } = kinds[at] ?? {}
    if (polling === undefined) return
    const { kind } = polling
    const after = place.kind === kind ? place.after : ''
    const page = await readLinkedAfter(store, { kind, after, limit: pairsPerPage })
    const found = page.length === 0 ? [] : await findOn(polling, page, held)
    const next = toNext(kinds, { at, page, dueAt: now() + waitAfter(page, pace) })
    await publishFound(found ?? [], [keep(next)])
    dueAt = next.dueAt
    if (page.length === 0 || found === undefined) return
    signals.swept({ kind, pairs: page.length, found: found.length })
  }

  /** Undefined: a call failed. One record that always does must not keep the sweep from all others. */
  async function findOn(
    polling: Polling,
    page: readonly Pair[],
    held: AbortSignal,
  ): Promise<readonly Found[] | undefined> {
    try {
      return await deps.sweepPage(polling, page, held)
    } catch (error) {
      if (held.aborted || !isCallError(error) || error instanceof SystemAway) throw error
      const from = page[0]?.workbooksId ?? ''
      const to = page.at(-1)?.workbooksId ?? ''
      signals.sweepPageFailed({ kind: polling.kind, from, to, error })
      return undefined
    }
  }

  async function readPlace(): Promise<Place | undefined> {
    const text = await facts.read(factName)
    // The fact holds only what `keep` printed.
    return text === undefined ? undefined : (JSON.parse(text) as Place)
  }

  return {
    start(): void {
      looping = loop()
    },
    async stop(): Promise<void> {
      stopping.abort()
      await looping
      await looking
    },
    /** Does now what would be done within a second. */
    look: async (): Promise<void> => {
      dueAt = 0
      await looking
      await lookSafely()
    },
    /** No page is being looked at. */
    isIdle: (): boolean => looking === undefined,
  }
}

/** A kind without pairs costs nothing, but a round through nothing must not spin. */
function waitAfter(page: readonly Pair[], pace: number): number {
  return page.length === 0 ? Math.min(pace, restMs) : pace
}

type Swept = { readonly at: number; readonly page: readonly Pair[]; readonly dueAt: number }

function toNext(kinds: readonly KindNow[], { at, page, dueAt }: Swept): Place {
  const isLast = page.length < pairsPerPage
  const kind = kinds[isLast ? (at + 1) % kinds.length : at]?.polling.kind ?? ''
  return { kind, after: isLast ? '' : (page.at(-1)?.workbooksId ?? ''), dueAt }
}

export type Sweep = ReturnType<typeof makeSweep>

function keep(place: Place) {
  return writeFact(factName, JSON.stringify(place))
}

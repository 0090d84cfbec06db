import type { Entry, EventLog } from '../../../event-log/event-log.ts'
import { toSchemaId } from '../../../schemas/topics.ts'
import type { GatewayEvent, Origin } from '../../../schemas/event.ts'
import type { Outcome } from '../../../schemas/outcome.ts'
import { toOwnEntry } from '../../../sdk/to-own-entry.ts'
import { makeOutcomes, markPublished } from '../../../state/outcomes.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { ToldOutcome } from '../pair/work.ts'

type Deps = {
  readonly log: Pick<EventLog, 'append'>
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly signals: { readonly logAway: (error: unknown) => void }
  /** Ends when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly now: () => number
}

type About = {
  /** The record that the hint was about. */
  readonly ref: string
  readonly origin: Origin
  readonly traceparent?: string | undefined
  /** Gives up when it aborts: what is not published comes again. */
  readonly signal: AbortSignal
}

export type Publish = (told: readonly ToldOutcome[], about: About) => Promise<void>

/** From this age on another process may have published an outcome: half of `leftoverMs`. */
const ownMs = 30_000

/** Puts outcomes on `sync.outcome`; returns once they survive a crash, and tries until they do. */
export function makePublishOutcomes({ log, store, signals, wait, now }: Deps): Publish {
  const outcomes = makeOutcomes(store)

  /** Without those that somebody took for a dead process's meanwhile. */
  async function withoutPublished(told: readonly ToldOutcome[]): Promise<readonly ToldOutcome[]> {
    const isOld = told.some(({ outcome }) => now() - Date.parse(outcome.at) >= ownMs)
    if (!isOld) return told
    const left = await outcomes.whichUnpublished(told.map(({ id }) => id))
    return told.filter(({ id }) => left.has(id))
  }

  return async (told, about) => {
    if (told.length === 0) return
    for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      about.signal.throwIfAborted()
      try {
        const left = await withoutPublished(told)
        if (left.length === 0) return
        await log.append(left.map((one) => toOutcomeEntry(one, about)))
        // Not waited for: where it is lost, the outcomes are published once more.
        store.write([markPublished(left.map(({ id }) => id))]).catch(signals.logAway)
        return
      } catch (error) {
        signals.logAway(error)
        about.signal.throwIfAborted()
        await wait(waitMs, about.signal)
      }
    }
  }
}

type Addressed = Pick<About, 'ref' | 'origin' | 'traceparent'>

/** The entry of an outcome, keyed by the record that its hint was about. */
export function toOutcomeEntry(told: ToldOutcome, about: Addressed): Entry {
  return toOwnEntry('sync.outcome', toEvent(told, about))
}

function toEvent({ id, outcome }: ToldOutcome, about: Addressed): GatewayEvent<Outcome> {
  const { ref, origin, traceparent } = about
  return {
    specversion: '1.0',
    id: `sync.outcome/${id}`,
    source: '/gateway',
    type: 'sync.outcome',
    subject: ref.split(':').at(-1) ?? ref,
    time: outcome.at,
    dataschema: toSchemaId('sync.outcome'),
    datacontenttype: 'application/json',
    partitionkey: ref,
    origin,
    ...(traceparent === undefined ? {} : { traceparent }),
    data: outcome,
  }
}

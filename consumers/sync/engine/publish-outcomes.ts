import type { Entry, EventLog } from '../../../event-log/event-log.ts'
import { toSchemaId } from '../../../schemas/topics.ts'
import type { GatewayEvent, Origin } from '../../../schemas/event.ts'
import type { Outcome } from '../../../schemas/outcome.ts'
import { makeOutcomes, markPublished } from '../../../state/outcomes.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { ToldOutcome } from '../pair/work.ts'

type Deps = {
  readonly log: Pick<EventLog, 'append'>
  readonly store: Pick<StateStore, 'write'>
  readonly signals: { readonly logAway: (error: unknown) => void }
  readonly wait: (ms: number) => Promise<void>
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

/** Puts outcomes on `sync.outcome`; returns once they survive a crash, and tries until they do. */
export function makePublishOutcomes({ log, store, signals, wait }: Deps): Publish {
  return async (told, about) => {
    if (told.length === 0) return
    const entries = told.map((one) => toEntry(one, about))
    for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        await log.append(entries)
        // Not waited for: where it is lost, the outcomes are published once more.
        store.write([markPublished(told.map(({ id }) => id))]).catch(signals.logAway)
        return
      } catch (error) {
        signals.logAway(error)
        about.signal.throwIfAborted()
        await wait(waitMs)
      }
    }
  }
}

/** Outcomes that a crash caught between the state and the log: published before anything else is handled. */
export async function publishLeftovers({
  log,
  store,
}: Pick<Deps, 'log'> & { readonly store: StateStore }): Promise<void> {
  const outcomes = makeOutcomes(store)
  for (;;) {
    const left = await outcomes.unpublished(leftoversAtOnce)
    if (left.length === 0) return
    await log.append(
      left.map(({ id, record, body }) => {
        // The table holds only what the sync printed.
        const outcome = JSON.parse(body) as Outcome
        return toEntry({ id, outcome }, { ref: record, origin: 'webhook' })
      }),
    )
    await store.write([markPublished(left.map(({ id }) => id))])
  }
}

const leftoversAtOnce = 200

type Addressed = Pick<About, 'ref' | 'origin' | 'traceparent'>

function toEntry(told: ToldOutcome, about: Addressed): Entry {
  const { ref, traceparent } = about
  return {
    topic: 'sync.outcome',
    key: ref,
    value: Buffer.from(JSON.stringify(toEvent(told, about))),
    headers: {
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  }
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

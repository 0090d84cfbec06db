import type { EventLog } from '../../../event-log/event-log.ts'
import { toSchemaId } from '../../../schemas/topics.ts'
import type { GatewayEvent, Origin } from '../../../schemas/event.ts'
import type { Outcome } from '../../../schemas/outcome.ts'
import type { ToldOutcome } from '../pair/settle.ts'

type Deps = {
  readonly log: Pick<EventLog, 'append'>
  readonly signals: { readonly logAway: (error: unknown) => void }
  readonly wait: (ms: number) => Promise<void>
}

type About = {
  /** The record that the hint was about. */
  readonly ref: string
  readonly origin: Origin
  readonly traceparent?: string | undefined
}

export type Publish = (told: readonly ToldOutcome[], about: About) => Promise<void>

/** Puts outcomes on `sync.outcome`; returns once they survive a crash, and tries until they do. */
export function makePublishOutcomes({ log, signals, wait }: Deps): Publish {
  return async (told, about) => {
    if (told.length === 0) return
    const { traceparent } = about
    const entries = told.map((one) => ({
      topic: 'sync.outcome',
      key: about.ref,
      value: Buffer.from(JSON.stringify(toEvent(one, about))),
      headers: {
        'content-type': 'application/cloudevents+json; charset=UTF-8',
        ...(traceparent === undefined ? {} : { traceparent }),
      },
    }))
    for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        await log.append(entries)
        return
      } catch (error) {
        signals.logAway(error)
        await wait(waitMs)
      }
    }
  }
}

function toEvent({ id, outcome }: ToldOutcome, about: About): GatewayEvent<Outcome> {
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

import type { RecordEvent } from '../schemas/event.ts'
import type { QuarantineCode } from '../schemas/quarantined.ts'
import type { RecordRef } from '../schemas/record-ref.ts'
import type { RecordTopic } from '../schemas/topics.ts'

/** A delivery's body as text, and what we know about its arrival. */
export type Arrived = {
  readonly text: string
  /** Lower-case hex SHA-256 of the raw body. */
  readonly bodyHash: () => string
  /** Epoch ms. */
  readonly receivedAt: number
  readonly traceparent: string
}

/** An event but for `native`, which goes on the topic as the text that the sender wrote. */
export type EventSoFar = Omit<RecordEvent, 'data'> & {
  readonly data: Omit<RecordEvent['data'], 'native'>
}

/** What one delivery, or one element of it, came to. */
export type Understood =
  | {
      readonly kind: 'event'
      readonly topic: RecordTopic
      readonly event: EventSoFar
      readonly nativeText: string
    }
  /** Known and without a topic: accepted, nothing is kept. */
  | { readonly kind: 'counted' }
  | NotUnderstood

export type NotUnderstood = {
  readonly kind: 'not-understood'
  readonly code: QuarantineCode
  /** A sentence. */
  readonly reason: string
  readonly bodyText: string
  /** The record that it is about, as far as that can be read. */
  readonly about?: RecordRef
}

import type { Entry } from '../../event-log/event-log.ts'
import type { RecordRef } from '../../schemas/record-ref.ts'
import type { PublishedVersion } from '../../state/versions.ts'

/** A record whose version nobody has handled or published, and the event that says so. */
export type Found = {
  /** The record that the event is about. */
  readonly ref: RecordRef
  /** The list that it was found in, as its system spells it: `organisation`, `emailAddress`. */
  readonly resource: string
  /** `lock_version`, or the fingerprint. */
  readonly version: string
  /** What is published of by the event: the record itself, or the parts that told of it, each with its own time. */
  readonly published: readonly (PublishedVersion & { readonly changedAt?: number })[]
  /** Epoch seconds, by its system's clock. */
  readonly changedAt: number
  /** Epoch ms, by ours. */
  readonly foundAt: number
  readonly entry: Entry
}

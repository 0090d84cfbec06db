import type { RecordRef } from '../../../schemas/record-ref.ts'

/** Some of the records of a backfill. */
export type Page = {
  /** Those that are to be synchronised. */
  readonly wanted: readonly RecordRef[]
  /** How many were looked at. */
  readonly looked: number
  /** Where to go on, as it is kept; undefined: these were the last. */
  readonly position: string | undefined
}

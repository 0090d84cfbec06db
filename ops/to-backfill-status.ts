import type { Backfill } from '../state/backfills.ts'

/** As `GET /ops/status` and `GET /ops/backfills` show one (product 6). */
export type BackfillStatus = {
  readonly id: string
  readonly kind: string
  /** Pairs that were linked before we came, or old records of Outreach without a partner. */
  readonly of: 'linked' | 'unlinked'
  /** `ordered`, `planned`, `running`, `done` or `stopped`. */
  readonly state: string
  /** To be looked at; null: not counted. */
  readonly records: number | null
  readonly done: number
  /** Of both systems, as the whole is expected to take. */
  readonly calls: number | null
  readonly secondsLeft: number | null
}

/** A backfill as operators see it; `now`: epoch ms. */
export function toBackfillStatus(backfill: Backfill, now: number): BackfillStatus {
  const { id, kind, of, state, records, calls } = backfill
  // A list that had to begin again was looked at twice in part.
  const done = records === null ? backfill.done : Math.min(backfill.done, records)
  const isOpen = state === 'ordered' || state === 'running' || state === 'planned'
  const secondsLeft = isOpen ? toSecondsLeft({ ...backfill, done }, now) : 0
  return { id, kind, of, state, records, done, calls, secondsLeft }
}

/** As fast as it has been so far; before that, as it was planned. */
function toSecondsLeft(
  { records, done, seconds, beganAt, state }: Backfill,
  now: number,
): number | null {
  if (records === null) return null
  if (state !== 'running' || done === 0 || beganAt === null) return seconds
  return Math.ceil((((now - beganAt) / done) * (records - done)) / 1_000)
}

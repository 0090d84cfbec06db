type Given = {
  /** Linked pairs of all kinds. */
  readonly pairs: number
  /** `OUTREACH_CALLS_PER_YEAR`. */
  readonly yearLimit: number | undefined
}

const dayMs = 86_400_000

/** Both systems give a hundred records a call. */
export const pairsPerPage = 100

/** Of the year's calls: what was missed so long is rare, and the poller needs them more. */
const share = 0.05

/**
 * How long to wait between two pages, in ms, so that every pair is looked at once a day; where a twentieth
 * of the yearly budget does not pay for that, as often as it does.
 */
export function decideSweepPace({ pairs, yearLimit }: Given): number {
  const pages = Math.max(1, Math.ceil(pairs / pairsPerPage))
  const perDay = Math.floor(dayMs / pages)
  if (yearLimit === undefined) return perDay
  return Math.max(perDay, Math.ceil((365 * dayMs) / Math.max(1, yearLimit * share)))
}

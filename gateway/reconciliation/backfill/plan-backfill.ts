export type Counted = {
  /** Old records of Outreach, all of them. */
  readonly records: number
  /** Pairs of the kind: those records need no looking after. */
  readonly pairs: number
  /** `OUTREACH_CALLS_PER_HOUR`. */
  readonly callsPerHour: number
}

export type Plan = {
  /** Of both systems. */
  readonly calls: number
  readonly seconds: number
}

/** Records of a list page (outreach-api 8: larger pages fail). */
export const recordsPerPage = 200

/** Both systems take and give a hundred records a call, at most. */
const perCall = 100

/**
 * Read in Outreach; looked for in Workbooks by id, and by name or e-mail; created there (rulebook 6). Not all
 * batches are full: with the list, `npm run bench -- backfill` measures 6.5 calls for a hundred records.
 */
const callsPerBatch = { outreach: 2, workbooks: 4 }

/** Consumers get through 117 to 221 of them where both systems answer at once (the same bench). */
const recordsPerSecond = 100

/** No lane but the first takes the last fifth of the hour (rulebook 12). */
const share = 0.8

/** What it takes to bring old records of Outreach, before the first of them is asked for. */
export function planBackfill({ records, pairs, callsPerHour }: Counted): Plan {
  const unlinked = Math.max(0, records - pairs)
  const batches = Math.ceil(unlinked / perCall)
  const ofOutreach = Math.ceil(records / recordsPerPage) + batches * callsPerBatch.outreach
  const calls = ofOutreach + batches * callsPerBatch.workbooks
  const secondsOfBudget = (ofOutreach / (callsPerHour * share)) * 3_600
  const seconds = Math.ceil(Math.max(unlinked / recordsPerSecond, secondsOfBudget))
  return { calls, seconds }
}

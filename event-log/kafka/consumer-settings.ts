/** A member that is silent for this long has lost its partitions: what a killed process costs. */
export const SESSION_TIMEOUT_MS = 10_000
/** A member learns of a rebalance with its next heartbeat, so this is what a joining one waits. */
export const HEARTBEAT_MS = 1_000
/** Before the broker can have given our partitions away, we have let go of them ourselves. */
export const LEASE_MS = SESSION_TIMEOUT_MS - HEARTBEAT_MS
/** How long a rebalance waits for the members of before; ours answer within a heartbeat. */
export const REBALANCE_TIMEOUT_MS = 10_000
/** From asking to join until partitions are ours, whatever the other members do meanwhile. */
export const JOIN_WITHIN_MS = 45_000
/** An idle fetch ends after this; so long may a partition wait that was just resumed or assigned. */
export const MAX_WAIT_MS = 100
/** One answer of a broker: the memory of a fetch. */
export const FETCH_MAX_BYTES = 4_194_304
/** Commits and looks after the consumer this often. */
export const TICK_MS = 100
/** Leaving in good order never takes longer, even where the broker does not answer. */
export const STOP_WITHIN_MS = 5_000

/** What may be fetched ahead and not handed out, over all partitions. */
const AHEAD_BYTES = 16_777_216
const [MIN_AHEAD_BYTES, MAX_AHEAD_BYTES] = [131_072, 1_048_576]

/** Fetched at once of one partition; the same again is buffered before its partition is held. */
export function aheadBytesOf(partitions: number): number {
  const share = Math.floor(AHEAD_BYTES / Math.max(1, partitions))
  return Math.min(MAX_AHEAD_BYTES, Math.max(MIN_AHEAD_BYTES, share))
}

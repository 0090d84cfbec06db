import type { Find, Told, Verdict } from '../../../state/misses.ts'

type Known = {
  /** What was announced of the record, of changes from this one on. */
  readonly told: readonly Told[]
  /** The system's clock minus ours, ms. */
  readonly clockOffsetMs: number
  /** Nobody can tell of changes before this moment (epoch ms, our clock) whether they were announced. */
  readonly knownSince: number
}

/**
 * Missed: no webhook announced this very change. By `lock_version` where both are known, else by whole
 * seconds of the sender's clock: a change that was lost in the second of one that was announced counts as
 * announced.
 */
export function decideVerdict(find: Find, { told, clockOffsetMs, knownSince }: Known): Verdict {
  const changedAtMs = find.changedAt * 1_000 - clockOffsetMs
  const foundAt = Math.floor((find.foundAt + clockOffsetMs) / 1_000)
  const isKnown = changedAtMs >= knownSince
  return {
    isMissed: isKnown && !told.some((one) => isOf(one, find, foundAt)),
    delayMs: Math.max(0, find.foundAt - changedAtMs),
  }
}

/** `foundAt`: epoch s, by the system's clock. */
function isOf({ at, version }: Told, find: Find, foundAt: number): boolean {
  // A fingerprint may look like a number; only Workbooks announces a version at all.
  const found = Number(find.version)
  if (version !== null && !Number.isNaN(found)) return version === found
  // A sender that does not tell when it changed tells when it sent. What changed after the find is
  // another change: our own write in answer to it, mostly, and its echo.
  return at === find.changedAt || (at > find.changedAt && at < foundAt)
}

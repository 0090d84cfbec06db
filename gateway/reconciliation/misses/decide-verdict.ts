import type { Find, LastAnnounced, Verdict } from '../../../state/misses.ts'

type Known = {
  /** The newest announcement of the record; undefined: none that we remember. */
  readonly last: LastAnnounced | undefined
  /** The system's clock minus ours, ms. */
  readonly clockOffsetMs: number
  /** Nobody can tell of changes before this moment (epoch ms, our clock) whether they were announced. */
  readonly knownSince: number
}

/**
 * Missed: no webhook announced this change or a later one of the record. By `lock_version` where both are
 * known, else by whole seconds of the sender's clock, so a change that was lost in the second of one that
 * was announced counts as announced.
 */
export function decideVerdict(find: Find, { last, clockOffsetMs, knownSince }: Known): Verdict {
  const changedAtMs = find.changedAt * 1_000 - clockOffsetMs
  const isKnown = changedAtMs >= knownSince
  return {
    isMissed: isKnown && !isAnnounced(find, last),
    delayMs: Math.max(0, find.foundAt - changedAtMs),
  }
}

function isAnnounced(find: Find, last: LastAnnounced | undefined): boolean {
  if (last === undefined) return false
  if (last.at >= find.changedAt) return true
  // A fingerprint may look like a number; only Workbooks announces a version at all.
  return last.version !== null && last.version >= Number(find.version)
}

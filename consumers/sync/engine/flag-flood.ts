/** More flags than this with one cause within a minute look like a set-up fault (rulebook 10). */
const mostFlags = 50
const windowMs = 60_000

/** Watches flags by kind and cause; answers whether one more is one too many. */
export function makeFlagFlood(now: () => number) {
  const times = new Map<string, number[]>()
  return (kind: string, reason: string): boolean => {
    // Sentences of one cause differ in the numbers that they quote.
    const cause = `${kind} ${reason.replace(/\d+/g, '#').slice(0, 80)}`
    const recent = (times.get(cause) ?? []).filter((at) => now() - at < windowMs)
    recent.push(now())
    times.set(cause, recent)
    if (times.size > 1_000) times.clear()
    return recent.length > mostFlags
  }
}

/** Waits before the second, third, … try; the last one holds from then on (rulebook 10: 15 minutes at most). */
const waitsMs = [1_000, 4_000, 16_000, 64_000, 4 * 60_000, 15 * 60_000]

/** How long to wait after `attempts` failures (at least one), in ms. */
export function waitAfterMs(attempts: number): number {
  return waitsMs[Math.min(Math.max(attempts, 1), waitsMs.length) - 1] ?? 15 * 60_000
}

import { setTimeout as wait } from 'node:timers/promises'

/** Waits for a condition that nobody tells of. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  withinMs = 90_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`Not within ${withinMs} ms: ${String(isSo)}`)
    await wait(20)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { readStatus } from './read-status.ts'

type Settling = {
  /** What the product said so far, for whoever has to mend it. */
  readonly said: () => string
  readonly opsPort: number
  readonly withinMs?: number
  readonly whenQuiet: () => Promise<void>
  /** Parents whose children are still to be asked for; absent where the state cannot be read beside the product. */
  readonly countWakes?: () => Promise<number>
}

/** Every delivery has come, every event is handled, and nothing is parked: three times in a row. */
export async function untilSettled({
  said: heard,
  opsPort,
  whenQuiet,
  countWakes = () => Promise.resolve(0),
  withinMs = 60_000,
}: Settling): Promise<void> {
  const until = Date.now() + withinMs
  let said = ''
  for (let quiet = 0; quiet < 3;) {
    await sleep(50)
    if (Date.now() > until) throw new Error(`not settled: ${said}\n${heard().slice(-3_000)}`)
    await whenQuiet()
    const wakes = await countWakes()
    const status = await readStatus(`http://127.0.0.1:${opsPort}`).catch((error: unknown) => {
      said = String(error)
    })
    if (status === undefined) continue
    said = JSON.stringify({ wakes, groups: status.groups, kinds: status.kinds })
    const left = [
      wakes,
      ...status.groups.map((one) => one.lagEvents),
      ...status.kinds.map((one) => one.parked),
    ]
    // A log that could not be asked in time shows no group at all.
    const isKnown = status.groups.length > 0 && status.kinds.length > 0
    quiet = isKnown && left.every((count) => count === 0) ? quiet + 1 : 0
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { readStatus } from './read-status.ts'

type Settling = {
  /** What the product said so far, for whoever has to mend it. */
  readonly said: () => string
  readonly opsPort: number
  readonly withinMs?: number
  readonly whenQuiet: () => Promise<void>
}

/** Every delivery has come, every event is handled, nothing is parked, and nobody is still to follow: three times in a row. */
export async function untilSettled({
  said: heard,
  opsPort,
  whenQuiet,
  withinMs = 60_000,
}: Settling): Promise<void> {
  const until = Date.now() + withinMs
  let said = ''
  for (let quiet = 0; quiet < 3;) {
    await sleep(50)
    if (Date.now() > until) throw new Error(`not settled: ${said}\n${heard().slice(-3_000)}`)
    await whenQuiet()
    const status = await readStatus(`http://127.0.0.1:${opsPort}`).catch((error: unknown) => {
      said = String(error)
    })
    if (status === undefined) continue
    const { groups, kinds, following } = status
    said = JSON.stringify({ groups, kinds, following })
    const left = [
      // One that a killed process had claimed is taken up ten seconds later.
      following,
      ...groups.map((one) => one.lagEvents),
      ...kinds.map((one) => one.parked),
    ]
    // A log that could not be asked in time shows no group at all.
    const isKnown = groups.length > 0 && kinds.length > 0
    quiet = isKnown && left.every((count) => count === 0) ? quiet + 1 : 0
  }
}

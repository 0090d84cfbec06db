import { setTimeout as sleep } from 'node:timers/promises'
import { signToken } from '../../ops/sign-token.ts'
import { houseSecrets } from '../start-house.ts'

type Settling = {
  /** What the product said so far, for whoever has to mend it. */
  readonly said: () => string
  readonly opsPort: number
  readonly withinMs?: number
  readonly whenQuiet: () => Promise<void>
}

/** Every delivery has come, every event is handled, and nothing is parked: three times in a row. */
export async function untilSettled({
  said: heard,
  opsPort,
  whenQuiet,
  withinMs = 60_000,
}: Settling): Promise<void> {
  const until = Date.now() + withinMs
  const claims = { sub: 'test', scopes: ['ops:read'], forSeconds: 600, now: Date.now() } as const
  const authorization = `Bearer ${signToken(houseSecrets.ops, claims)}`
  let said = ''
  for (let quiet = 0; quiet < 3;) {
    await sleep(50)
    if (Date.now() > until) throw new Error(`not settled: ${said}\n${heard().slice(-3_000)}`)
    await whenQuiet()
    const answer = await fetch(`http://127.0.0.1:${opsPort}/ops/status`, {
      headers: { authorization },
    }).catch(() => undefined)
    if (answer === undefined) continue
    // Our own answer, in the form of product 6.
    const status = (await answer.json()) as {
      groups: { lagEvents: number }[]
      kinds: { parked: number }[]
    }
    said = JSON.stringify({ groups: status.groups, kinds: status.kinds })
    const left = [
      ...status.groups.map((one) => one.lagEvents),
      ...status.kinds.map((one) => one.parked),
    ]
    quiet = left.length > 1 && left.every((count) => count === 0) ? quiet + 1 : 0
  }
}

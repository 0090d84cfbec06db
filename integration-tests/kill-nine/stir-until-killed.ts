import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Life } from './lives.ts'
import type { People } from './people.ts'
import type { PlannedKill } from './plan-kills.ts'

type Stirred = PlannedKill & {
  readonly life: Life
  /** From then on people do only what leads through the point. */
  readonly mostEdits: number
  readonly withinMs?: number
}

/** People work until the product has passed the point, which is its end. */
export async function stirUntilKilled(
  people: People,
  { life, at, stir, mostEdits, withinMs = 30_000 }: Stirred,
): Promise<void> {
  const until = Date.now() + withinMs
  const ended = life.ended.then((end) => end)
  for (let turn = 0; ; turn += 1) {
    if (turn % 20 === 0) {
      people.stir(stir)
      if (people.count() < mostEdits) people.edit()
    }
    const end = await Promise.race([ended, sleep(50)])
    if (end !== undefined) {
      assert.equal(end.signal, 'SIGKILL', `it ended by itself: ${life.said()}`)
      return
    }
    if (Date.now() > until) throw new Error(`no pass through "${at}": ${life.said().slice(-2_000)}`)
  }
}

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Life } from './lives.ts'
import type { PlannedKill } from './plan-kills.ts'

/** Whoever does what leads through a point, and something else beside it. */
export type Stirrer<Stir> = {
  readonly stir: (what: Stir) => void
  readonly edit: () => void
  /** Edits so far. */
  readonly count: () => number
}

type Stirred<Stir> = PlannedKill<Stir> & {
  readonly life: Life
  /** From then on people do only what leads through the point. */
  readonly mostEdits: number
  readonly withinMs?: number
  /** Between two stirs. */
  readonly everyMs?: number
}

const turnMs = 50

/** People work until the product has passed the point, which is its end. */
export async function stirUntilKilled<Stir>(
  people: Stirrer<Stir>,
  { life, at, stir, mostEdits, withinMs = 60_000, everyMs = 1_000 }: Stirred<Stir>,
): Promise<void> {
  const until = Date.now() + withinMs
  const ended = life.ended.then((end) => end)
  for (let turn = 0; ; turn += 1) {
    if (turn % (everyMs / turnMs) === 0) {
      people.stir(stir)
      if (people.count() < mostEdits) people.edit()
    }
    const end = await Promise.race([ended, sleep(turnMs)])
    if (end !== undefined) {
      assert.equal(end.signal, 'SIGKILL', `it ended by itself: ${life.said()}`)
      return
    }
    if (Date.now() > until) throw new Error(`no pass through "${at}": ${life.said().slice(-2_000)}`)
  }
}

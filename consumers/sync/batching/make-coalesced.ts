import { setTimeout as wait } from 'node:timers/promises'
import type { Call, Lane } from '../../../clients/call.ts'
import { CallFailed } from '../../../clients/errors.ts'

type Deps<Key, Answer> = {
  /** One round for up to `most` keys; a key without an answer rejects. */
  readonly run: (keys: readonly Key[], call: Call) => Promise<readonly Answer[]>
  readonly most: number
  /** How long the first who asks waits for others; nobody is waited for by default. */
  readonly gatherMs?: number
}

type Waiting<Key, Answer> = {
  readonly key: Key
  readonly call: Pick<Call, 'lane' | 'about'>
  readonly signal: AbortSignal | undefined
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

const lanes: readonly Lane[] = ['live', 'reconciliation', 'replay', 'backfill']

/**
 * Many askers, few calls: one round at a time, and whoever asks meanwhile joins the next (rulebook 2).
 * Nobody gets an answer of a round that began before they asked. A round that fails for one key's sake
 * is halved, so that only that key fails.
 */
export function makeCoalesced<Key, Answer>({ run, most, gatherMs }: Deps<Key, Answer>) {
  let waiting: Waiting<Key, Answer>[] = []
  let isRunning = false

  async function rounds(): Promise<void> {
    isRunning = true
    // Everybody who asks in this same turn of the event loop joins the first round.
    if (gatherMs === undefined) await new Promise((resolve) => setImmediate(resolve))
    else await wait(gatherMs)
    while (waiting.length > 0) {
      waiting = withoutAborted(waiting)
      waiting.sort((one, two) => rankOf(one) - rankOf(two))
      const round = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await runRound(round)
    }
    isRunning = false
  }

  async function runRound(round: readonly Waiting<Key, Answer>[]): Promise<void> {
    const [first, second] = round
    if (first === undefined) return
    try {
      const answers = await run(
        round.map(({ key }) => key),
        // A call about one record says so: the circuit counts different ones (rulebook 10).
        {
          ...(second === undefined ? first.call : { lane: first.call.lane }),
        },
      )
      round.forEach(({ resolve, reject }, index) => {
        const answer = answers[index]
        if (answer === undefined) reject(new Error('A batch came back without an answer for a key'))
        else resolve(answer)
      })
    } catch (error) {
      if (error instanceof CallFailed && round.length > 1) {
        const half = Math.ceil(round.length / 2)
        await runRound(withoutAborted(round.slice(0, half)))
        await runRound(withoutAborted(round.slice(half)))
        return
      }
      for (const { reject } of round) reject(error)
    }
  }

  return (key: Key, { lane, about, signal }: Call): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = { lane, ...(about === undefined ? {} : { about }) }
      waiting.push({ key, call, signal, resolve, reject })
      if (!isRunning) void rounds()
    })
}

/** Whoever lost the right to ask while it waited does not ask: a write would leave without its hold. */
function withoutAborted<Key, Answer>(
  asking: readonly Waiting<Key, Answer>[],
): Waiting<Key, Answer>[] {
  for (const { signal, reject } of asking) if (signal?.aborted === true) reject(signal.reason)
  return asking.filter(({ signal }) => signal?.aborted !== true)
}

function rankOf<Key, Answer>({ call }: Waiting<Key, Answer>): number {
  return lanes.indexOf(call.lane)
}

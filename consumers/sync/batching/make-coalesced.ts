import type { Call, Lane } from '../../../clients/call.ts'

type Deps<Key, Answer> = {
  /** One round for up to `most` keys; a key without an answer rejects. */
  readonly run: (keys: readonly Key[], call: Call) => Promise<readonly Answer[]>
  readonly most: number
}

type Waiting<Key, Answer> = {
  readonly key: Key
  readonly lane: Lane
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

const lanes: readonly Lane[] = ['live', 'reconciliation', 'replay', 'backfill']

/**
 * Many askers, few calls: one round at a time, and whoever asks meanwhile joins the next (rulebook 2).
 * Nobody gets an answer of a round that began before they asked.
 */
export function makeCoalesced<Key, Answer>({ run, most }: Deps<Key, Answer>) {
  let waiting: Waiting<Key, Answer>[] = []
  let isRunning = false

  async function rounds(): Promise<void> {
    isRunning = true
    // Everybody who asks in this same turn of the event loop joins the first round.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      waiting.sort((one, two) => lanes.indexOf(one.lane) - lanes.indexOf(two.lane))
      const round = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await runRound(round)
    }
    isRunning = false
  }

  async function runRound(round: readonly Waiting<Key, Answer>[]): Promise<void> {
    try {
      const answers = await run(
        round.map(({ key }) => key),
        { lane: round[0]?.lane ?? 'live' },
      )
      round.forEach(({ resolve, reject }, index) => {
        const answer = answers[index]
        if (answer === undefined)
          reject(new Error('A batch came back without an answer for one key'))
        else resolve(answer)
      })
    } catch (error) {
      for (const { reject } of round) reject(error)
    }
  }

  return (key: Key, { lane }: Pick<Call, 'lane'>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ key, lane, resolve, reject })
      if (!isRunning) void rounds()
    })
}

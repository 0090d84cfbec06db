import type { Tuning } from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import type { Child } from '../child.ts'
import { median } from '../statistics.ts'
import type { PlainSend, PlainSent } from './plain-sender.ts'

/** As the product's topics are made. */
const partitions = 12
const tries = 3

const tunings: readonly Tuning[] = [100, 250, 500, 1_000].flatMap((perBatch) =>
  [1, 2, 4].map((inFlight) => ({ perBatch, inFlight })),
)

/** Tries every size of a batch with every number of batches in flight, and keeps to the fastest. */
export async function makePlainBest(plain: Child<PlainSend, PlainSent>, count: number) {
  let first = 100_000_000
  const sendWith = (tuning: Tuning) => {
    const ask = { topic: 'plain', partitions, first, count, ...tuning }
    first += count
    return plain.ask(ask)
  }
  const tried: { readonly tuning: Tuning; readonly seconds: number[] }[] = tunings.map(
    (tuning) => ({ tuning, seconds: [] }),
  )
  for (let round = 0; round < tries; round++) {
    for (const { tuning, seconds } of tried) seconds.push((await sendWith(tuning)).seconds)
  }
  const [fastest] = tried.toSorted((one, two) => median(one.seconds) - median(two.seconds))
  if (fastest === undefined) throw new Error('there is no tuning')
  const { tuning } = fastest
  return { tuning, send: () => sendWith(tuning) }
}

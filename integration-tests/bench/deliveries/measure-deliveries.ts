import { startChild } from '../child.ts'
import { makeSend, measureReceiver, mustHaveKept, type Generator } from './measure-receiver.ts'
import { openReceivers, variants, type Receiver } from './open-receivers.ts'
import { renderDeliveries, type Run, type Runs } from './render-deliveries.ts'

export type DeliveriesOptions = {
  readonly rounds: number
  /** Deliveries to each receiver in a round. */
  readonly count: number
  readonly connections: number
  /** Each receiver's CPU profile goes here. */
  readonly profileDir?: string
  readonly only?: string
  readonly tell: (line: string) => void
}

/** So many until the compiler has nothing left to improve, in the product's three threads neither. */
const warmUp = 60_000

/** Every receiver in every round, one at a time; the table shows medians over the rounds. */
export async function measureDeliveries(options: DeliveriesOptions): Promise<string> {
  const { rounds, count, connections, only, tell } = options
  const asked = variants.filter(({ kind }) => only === undefined || kind === only)
  await using generator: Generator = await startChild({
    file: new URL('./load-generator.ts', import.meta.url),
  })
  await using opened = await openReceivers(asked, options)
  const { receivers } = opened
  const send = makeSend(generator, connections)
  for (const receiver of receivers) {
    tell(`warming up: ${receiver.variant.name}`)
    for (let left = warmUp; left > 0; left -= count) await send(receiver, Math.min(left, count))
  }
  const runs = new Map<Receiver, Run[]>(receivers.map((receiver) => [receiver, []]))
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`)
    // Another one begins each time: whoever always came first would have the quieter machine.
    for (let at = 0; at < receivers.length; at++) {
      const receiver = receivers[(at + round) % receivers.length]
      if (receiver !== undefined)
        runs.get(receiver)?.push(await measureReceiver(receiver, send, count))
    }
  }
  for (const receiver of receivers) await mustHaveKept(receiver, warmUp + rounds * count)
  const byVariant: Runs = new Map([...runs].map(([{ variant }, those]) => [variant, those]))
  return renderDeliveries(byVariant, options)
}

import { cpus } from 'node:os'
import { startChild, type Child } from '../child.ts'
import type { Load, LoadResult } from './load-generator.ts'
import { openReceivers, variants, type Receiver } from './open-receivers.ts'
import type { ReceiverAnswer } from './receiver.ts'
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

type Generator = Child<Load, LoadResult>

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
      if (receiver !== undefined) runs.get(receiver)?.push(await measure(receiver, send, count))
    }
  }
  for (const receiver of receivers) await mustHaveKept(receiver, warmUp + rounds * count)
  const byVariant: Runs = new Map([...runs].map(([{ variant }, those]) => [variant, those]))
  return renderDeliveries(byVariant, options)
}

type Send = (to: Receiver, many: number) => Promise<LoadResult>

function makeSend(generator: Generator, connections: number): Send {
  // No delivery is ever sent twice, to nobody.
  let first = 1_000_000
  return async ({ port, variant }, many) => {
    const load = { port, path: variant.path, first, count: many, connections }
    first += many
    const result = await generator.ask(load)
    if (result.wrong === 0) return result
    throw new Error(`${variant.name}: ${result.wrong} deliveries were not answered 200`)
  }
}

async function measure(receiver: Receiver, send: Send, count: number): Promise<Run> {
  const before = { ...(await receiver.ask('usage')), machine: readMachine() }
  const result = await send(receiver, count)
  const after = { ...(await receiver.ask('usage')), machine: readMachine() }
  return toRun({ before, after, result, count })
}

type Usage = ReceiverAnswer & { readonly machine: ReturnType<typeof readMachine> }

type Measured = {
  readonly before: Usage
  readonly after: Usage
  readonly result: LoadResult
  readonly count: number
}

function toRun({ before, after, result, count }: Measured): Run {
  const cpuMicros = after.cpuMicros - before.cpuMicros
  const busyMicros = (after.machine.busyMs - before.machine.busyMs) * 1_000
  const wallMicros = (after.machine.at - before.machine.at) * 1_000
  return {
    perSecond: count / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuMicros: cpuMicros / count,
    mainMicros: (after.mainMicros - before.mainMicros) / count,
    generatorMicros: result.cpuMicros / count,
    othersCpus: Math.max(0, busyMicros - cpuMicros - result.allCpuMicros) / wallMicros,
    megabytes: after.megabytes,
  }
}

/** What the whole machine has worked so far, for neighbours spoil a measurement. */
function readMachine() {
  const busyMs = cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice, 0)
  return { busyMs, at: performance.now() }
}

async function mustHaveKept({ variant, ask }: Receiver, sent: number): Promise<void> {
  if (!variant.isDurable) return
  const { kept } = await ask('kept')
  if (kept !== sent) throw new Error(`${variant.name}: ${kept} events are kept of ${sent}`)
}

import { cpus } from 'node:os'
import type { Child } from '../child.ts'
import type { Load, LoadResult } from './load-generator.ts'
import type { Receiver } from './open-receivers.ts'
import type { ReceiverAnswer } from './receiver.ts'
import type { Run } from './render-deliveries.ts'

export type Generator = Child<Load, LoadResult>

/** Sends so many deliveries that nobody was ever sent; rejects where one was not answered 200. */
export type Send = (to: Receiver, many: number) => Promise<LoadResult>

export function makeSend(generator: Generator, connections: number): Send {
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

/** What so many deliveries cost, and how fast they were. */
export async function measureReceiver(receiver: Receiver, send: Send, count: number): Promise<Run> {
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

export async function mustHaveKept({ variant, ask }: Receiver, sent: number): Promise<void> {
  if (!variant.isDurable) return
  const { kept } = await ask('kept')
  if (kept !== sent) throw new Error(`${variant.name}: ${kept} events are kept of ${sent}`)
}

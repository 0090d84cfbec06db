// A process of its own that sends deliveries: prepared buffers over bare sockets, for two thirds of what autocannon
// costs for a request (12 us, not 19), and every body is another one.
import { serveParent } from '../child.ts'
import { quantile } from '../statistics.ts'
import { makeRequests } from './make-requests.ts'
import { sendAll } from './send-all.ts'

export type Load = {
  readonly port: number
  readonly path: string
  /** Number of the first delivery: no body is ever sent twice. */
  readonly first: number
  readonly count: number
  readonly connections: number
}

export type LoadResult = {
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers other than 200, and connections that broke. */
  readonly wrong: number
  /** The generator's own, while it sent; and with the making of the requests. */
  readonly cpuMicros: number
  readonly allCpuMicros: number
}

async function run({ port, path, first, count, connections }: Load): Promise<LoadResult> {
  const begun = readCpu()
  const requests = makeRequests(path, first, count)
  const made = readCpu()
  const { seconds, latencies, wrong } = await sendAll({ port, requests, connections })
  const sent = readCpu()
  return {
    seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    wrong,
    cpuMicros: sent - made,
    allCpuMicros: sent - begun,
  }
}

function readCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

serveParent(run, () => undefined)

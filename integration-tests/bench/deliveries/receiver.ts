// A process of its own with one kind of receiver in it, which tells what it has cost.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { serveParent } from '../child.ts'
import { makeBareExpressServer, makeBareHttpServer, makeEmptyServer } from './bare-handlers.ts'
import { benchSecret } from './make-requests.ts'
import { openProductServer } from './product-server.ts'

export type ReceiverKind = 'empty' | 'http' | 'express' | 'product'

export type ReceiverAsk = 'port' | 'usage' | 'kept'

export type ReceiverAnswer = {
  readonly port: number
  /** Of all threads, and of the main one. */
  readonly cpuMicros: number
  readonly mainMicros: number
  readonly megabytes: number
  /** Events in the log. */
  readonly kept: number
}

const [kind, dir = ''] = process.argv.slice(2)
const { server, countKept, close } = await open()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
serveParent(async (what: ReceiverAsk): Promise<ReceiverAnswer> => {
  const address = server.address()
  const all = process.cpuUsage()
  const main = process.threadCpuUsage()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cpuMicros: all.user + all.system,
    mainMicros: main.user + main.system,
    megabytes: process.memoryUsage.rss() / 1_048_576,
    kept: what === 'kept' ? await countKept() : 0,
  }
}, close)

async function open() {
  if (kind === 'product') return openProductServer(benchSecret, dir)
  const bare: Server =
    kind === 'http'
      ? makeBareHttpServer(benchSecret)
      : kind === 'express'
        ? makeBareExpressServer(benchSecret)
        : makeEmptyServer()
  return {
    server: bare,
    countKept: () => Promise.resolve(0),
    close: () => bare.closeAllConnections(),
  }
}

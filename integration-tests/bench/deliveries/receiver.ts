// A process of its own with one kind of receiver in it, which tells what it has cost.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveParent } from '../child.ts'
import { makeBareExpressServer, makeBareHttpServer, makeEmptyServer } from './bare-handlers.ts'
import { openGatewayOnKafka } from './gateway-on-kafka.ts'
import { benchSecret } from './make-requests.ts'
import { openProductServer } from './product-server.ts'

export type ReceiverKind = 'empty' | 'http' | 'express' | 'product' | 'gateway on Kafka'

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

/** It listens already. */
type Opened = {
  readonly port: number
  readonly countKept: () => Promise<number>
  readonly close: () => void | Promise<void>
}

const [kind, dir = '', settings = '{}'] = process.argv.slice(2)
const { port, countKept, close } = await open()
serveParent(async (what: ReceiverAsk): Promise<ReceiverAnswer> => {
  const all = process.cpuUsage()
  const main = process.threadCpuUsage()
  return {
    port,
    cpuMicros: all.user + all.system,
    mainMicros: main.user + main.system,
    megabytes: process.memoryUsage.rss() / 1_048_576,
    kept: what === 'kept' ? await countKept() : 0,
  }
}, close)

async function open(): Promise<Opened> {
  if (kind === 'gateway on Kafka') {
    // What the parent wrote: the settings of the stores.
    const stores = JSON.parse(settings) as Readonly<Record<string, string>>
    return openGatewayOnKafka(benchSecret, dir, stores)
  }
  if (kind === 'product') {
    const { server, ...product } = await openProductServer(benchSecret, dir)
    return { port: await listen(server), ...product }
  }
  const bare: Server =
    kind === 'http'
      ? makeBareHttpServer(benchSecret)
      : kind === 'express'
        ? makeBareExpressServer(benchSecret)
        : makeEmptyServer()
  return {
    port: await listen(bare),
    countKept: () => Promise.resolve(0),
    close: () => bare.closeAllConnections(),
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server on a port has an address of this form.
  return (server.address() as AddressInfo).port
}

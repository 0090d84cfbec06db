import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

const PRODUCE = 0

/** What becomes of the broker's answer to a Produce request; the request itself always arrives. */
type Fate =
  | { readonly kind: 'pass' }
  /** Swallowed, and the connection is cut. */
  | { readonly kind: 'cut' }
  /** Swallowed, and the connection stays: it has gone silent. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'hold'; readonly ms: number }

export type ProduceProxy = AsyncDisposable & {
  readonly port: number
  readonly address: string
  /** Where the broker listens; to be told before the first connection. */
  readonly leadTo: (port: number) => void
  /** The answers to the next so many Produce requests are met by this fate. */
  readonly next: (count: number, fate: Fate) => void
  readonly passAll: () => void
  /** Produce requests that came so far. */
  readonly produced: () => number
  /** Produce requests that the broker has not answered yet; their most at once so far. */
  readonly mostAtOnce: () => number
  /** Cuts all connections, and refuses new ones until `accept`. */
  readonly refuse: () => Promise<void>
  readonly accept: () => Promise<void>
}

/** Stands between clients and one broker (started with `advertisedPort`), and reads their frames. */
export async function openProduceProxy(): Promise<ProduceProxy> {
  const sockets = new Set<Socket>()
  let brokerPort = 0
  let fates: Fate[] = []
  let produced = 0
  let underWay = 0
  let mostAtOnce = 0

  const keep = (socket: Socket) => {
    sockets.add(socket.setNoDelay(true))
    // Cut off from either side; the other side's `close` does the rest.
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  }
  const onClient = (client: Socket) => {
    const broker = connect(brokerPort, '127.0.0.1')
    keep(client)
    keep(broker)
    client.on('close', () => broker.destroy())
    broker.on('close', () => client.destroy())
    const open = new Map<number, Fate>()
    const done = (correlation: number) => {
      const fate = open.get(correlation)
      if (open.delete(correlation)) underWay--
      return fate ?? { kind: 'pass' as const }
    }
    client.on('close', () => {
      for (const correlation of [...open.keys()]) done(correlation)
    })
    const answer = (frame: Buffer, fate: Fate) => {
      if (fate.kind === 'pass') client.write(frame)
      if (fate.kind === 'cut') client.destroy()
      if (fate.kind === 'hold') setTimeout(() => client.write(frame), fate.ms)
    }
    readFrames(client, (frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        produced++
        mostAtOnce = Math.max(mostAtOnce, ++underWay)
        open.set(frame.readInt32BE(8), fates.shift() ?? { kind: 'pass' })
      }
      broker.write(frame)
    })
    readFrames(broker, (frame) => {
      answer(frame, done(frame.readInt32BE(4)))
    })
  }

  const server = createServer(onClient)
  const listen = async (port: number) => {
    const listening = once(server, 'listening')
    server.listen(port, '127.0.0.1')
    await listening
  }
  const refuse = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    if (server.listening || sockets.size > 0) await closed
  }
  const port = await takePort(listen)
  return {
    port,
    address: `127.0.0.1:${port}`,
    leadTo: (to) => {
      brokerPort = to
    },
    next: (count, fate) => {
      fates.push(...Array.from({ length: count }, () => fate))
    },
    passAll: () => {
      fates = []
    },
    produced: () => produced,
    mostAtOnce: () => mostAtOnce,
    refuse,
    accept: () => listen(port),
    [Symbol.asyncDispose]: refuse,
  }
}

/** Below the ports that the system gives to outgoing connections, so that it is still free for `accept`. */
async function takePort(listen: (port: number) => Promise<void>): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    try {
      await listen(port)
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error // as of any listen
    }
  }
}

/** Kafka's frames, both ways: four bytes of length, then so many. */
function readFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let chunks: Buffer[] = []
  let held = 0
  let needed = 4
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    held += chunk.length
    while (held >= needed) {
      const all = chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks)
      chunks = [all]
      needed = 4 + all.readInt32BE(0)
      if (held < needed) return
      take(all.subarray(0, needed))
      chunks = [all.subarray(needed)]
      held -= needed
      needed = 4
    }
  })
}

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export type Network = {
  /** The same database, through this network. */
  readonly url: string
  /** Nothing comes through any more, in either direction, and nobody is told. */
  readonly freeze: () => void
  /** Questions come through; the next answer does not, and its connection is cut instead. */
  readonly cutNextAnswer: () => void
  /** As it was at first; connections that were frozen are cut. */
  readonly mend: () => void
  readonly close: () => Promise<void>
}

/** A bad network between a client and the server of `url`. */
export async function openNetwork(url: string): Promise<Network> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let isFrozen = false
  let isCutting = false

  const join = (near: Socket) => {
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        if (isFrozen) return
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => {
      if (!isFrozen) far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (isFrozen) return
      if (isCutting) {
        isCutting = false
        near.destroy()
      } else near.write(chunk)
    })
  }
  const server = createServer(join).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port) // it listens on TCP
  return {
    url: through.href,
    freeze: () => void (isFrozen = true),
    cutNextAnswer: () => void (isCutting = true),
    mend: () => {
      isFrozen = false
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

import { createConnection, createServer, type Socket } from 'node:net'

/** Stands before several gateways as a load balancer does: each connection goes to the next one that is there. */
export async function openBalance(port: number, backends: readonly number[]) {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  let turn = 0
  const connect = (client: Socket, tries: number) => {
    const backend = backends[turn++ % backends.length]
    if (backend === undefined || tries === 0) {
      client.resetAndDestroy()
      return
    }
    const server = createConnection(backend, '127.0.0.1')
    server.once('connect', () => {
      keep(server)
      client.pipe(server)
      server.pipe(client)
      server.once('close', (hadError) => (hadError ? client.resetAndDestroy() : client.end()))
      client.once('close', () => server.destroy())
    })
    server.once('error', () => {
      if (server.connecting || server.pending) connect(client, tries - 1)
      else client.resetAndDestroy()
    })
  }
  const balance = createServer((client) => {
    keep(client)
    connect(client, backends.length)
  })
  await new Promise<void>((resolve) => balance.listen(port, '127.0.0.1', resolve))
  return {
    close: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => balance.close(resolve))
    },
  }
}

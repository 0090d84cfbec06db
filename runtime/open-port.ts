import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from './errors.ts'

export class PortTaken extends AppError {
  override readonly name = 'PortTaken'
  readonly code = 'process.port_taken'
  readonly retry = 'never'
}

type Wanted = {
  /** The setting that names the port: `PORT`, `OPS_PORT`. */
  readonly setting: string
  readonly port: number
  /** The gateway must get its ports, the other roles take a free one (product 2). */
  readonly whenTaken: 'refuse' | 'take a free one'
}

/** Listens, and resolves with the port that was got. */
export async function openPort(server: Server, wanted: Wanted): Promise<number> {
  try {
    return await listen(server, wanted.port)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE' && wanted.whenTaken === 'take a free one') return listen(server, 0)
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    const why = code === 'EACCES' ? 'may not be opened by this user' : 'is taken by another process'
    throw new PortTaken(
      `${wanted.setting} ${wanted.port} ${why}: stop what listens there, or type ${wanted.setting}=<another port>`,
      { cause: error },
    )
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => {
      server.off('error', reject)
      // A server that listens on a port has an address of this form.
      resolve((server.address() as AddressInfo).port)
    })
  })
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Calls } from './calls.ts'
import { toFaultReply, type FailNext, type Faults } from './faults.ts'
import { readRequest, writeReply, type Reply, type SandboxRequest } from './http-message.ts'

export type SandboxServer = { readonly port: number; readonly close: () => Promise<void> }

type Deps = {
  readonly port: number
  readonly faults: Faults
  readonly calls: Calls
  readonly now: () => number
  readonly answer: (request: SandboxRequest) => Reply
  readonly control: (request: SandboxRequest) => Reply
}

/** Listens on the loopback address and lets the faults have their way with each request. */
export function openSandboxServer(deps: Deps): Promise<SandboxServer> {
  const server = createServer((incoming, response) => {
    serve(incoming, response, deps).catch(() => {
      response.socket?.destroy()
    })
  })
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(deps.port, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : deps.port
      resolve({ port, close })
    })
  })
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  deps: Deps,
): Promise<void> {
  const request = await readRequest(incoming)
  if (request.path.startsWith('/_sandbox/')) {
    writeReply(response, deps.control(request), { now: deps.now() })
    return
  }
  const address = incoming.url ?? '/'
  const fault = deps.faults.take(request.method, address)
  const isReset = deps.faults.get().unavailable || fault?.how === 'reset-before'
  const reply = isReset ? undefined : await answer(request, fault, deps)
  const isLost = reply === undefined || fault?.how === 'reset-after-commit'
  const status = isLost ? undefined : reply.status
  deps.calls.note({ method: request.method, path: address, status })
  if (isLost) response.socket?.resetAndDestroy()
  else writeReply(response, reply, { now: deps.now(), isCut: fault?.how === 'half-reply' })
}

async function answer(
  request: SandboxRequest,
  fault: FailNext | undefined,
  deps: Deps,
): Promise<Reply> {
  const { latencyMs } = deps.faults.get()
  const slowMs = fault?.how === 'slow' ? (fault.ms ?? 1000) : 0
  if (latencyMs + slowMs > 0) await wait(latencyMs + slowMs)
  const faultReply = fault === undefined ? undefined : toFaultReply(fault, deps.now())
  if (faultReply !== undefined) return faultReply
  if (request.method !== 'GET' && request.path.startsWith('/api/')) deps.faults.arrive(request)
  return deps.answer(request)
}

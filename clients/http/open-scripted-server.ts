import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type SeenRequest = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The client's port: the same one twice is one connection used again. */
  readonly port: number
}

export type ScriptedServer = AsyncDisposable & {
  readonly url: string
  readonly seen: readonly SeenRequest[]
}

type Script = (request: SeenRequest, response: ServerResponse, at: number) => void

/** For tests: a small server on a free port that keeps what it was asked and answers by a script. */
export async function openScriptedServer(script: Script): Promise<ScriptedServer> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const body = Buffer.concat(chunks).toString()
      const one = { method, url, headers, body, port: request.socket.remotePort ?? 0 }
      seen.push(one)
      script(one, response, seen.length - 1)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Answer = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text is sent as a page, anything else as JSON. */
  readonly body?: unknown
}

/** Ends a scripted response; 200 and JSON where nothing else is said. */
export function answer(response: ServerResponse, { status = 200, headers, body }: Answer): void {
  const isPage = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isPage ? 'text/html' : 'application/json',
    ...headers,
  })
  if (body === undefined) response.end()
  else response.end(isPage ? body : JSON.stringify(body))
}

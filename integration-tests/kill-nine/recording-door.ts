import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { openPort } from '../../runtime/open-port.ts'

/** A delivery that the product answered with 200: from then on it must not be lost. */
export type Acknowledged = {
  readonly path: string
  readonly body: Buffer
  readonly answer: string
}

/** The same delivery to another process as well, at the same moment. */
export type Twin = {
  readonly port: number
  readonly toHeaders: (delivery: Posted) => IncomingMessage['headers']
}

/** Stands between the senders and the product, breaks where the product breaks, and remembers what was acknowledged. */
export async function openRecordingDoor(productPort: number, twins: readonly Twin[] = []) {
  const acknowledged: Acknowledged[] = []
  const answers: number[] = []

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = Buffer.concat(await incoming.toArray())
    const path = incoming.url ?? '/'
    const delivery: Posted = { path, headers: incoming.headers, body }
    const [said, ...others] = await Promise.all([
      post(productPort, delivery),
      ...twins.map(({ port, toHeaders }) =>
        post(port, { ...delivery, headers: toHeaders(delivery) }),
      ),
    ])
    answers.push(...others.map((other) => other?.status ?? 0))
    if (said === undefined) {
      incoming.socket.resetAndDestroy()
      return
    }
    answers.push(said.status)
    if (said.status === 200) acknowledged.push({ path, body, answer: said.text })
    outgoing.writeHead(said.status, { 'content-type': 'application/json' }).end(said.text)
  }
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => incoming.socket.resetAndDestroy())
  })
  const port = await openPort(server, { setting: 'door', port: 0, whenTaken: 'refuse' })
  return {
    url: `http://127.0.0.1:${port}`,
    acknowledged,
    /** Every status that the product answered with; 0 where it broke off beside an answer of its twin. */
    answers,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Said = { readonly status: number; readonly text: string }

export type Posted = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Undefined where the product is not there, or breaks off. */
function post(port: number, { path, headers, body }: Posted): Promise<Said | undefined> {
  return new Promise((resolve) => {
    const fail = () => resolve(undefined)
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers, agent: false }
    const outgoing = request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', fail)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      })
    })
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}

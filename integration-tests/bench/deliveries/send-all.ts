import { connect } from 'node:net'

type Sending = {
  readonly port: number
  readonly requests: readonly Buffer[]
  readonly connections: number
}

type Sent = {
  readonly seconds: number
  /** Milliseconds from a request to its whole answer. */
  readonly latencies: Float64Array
  readonly wrong: number
}

/** Each connection sends its next request as soon as the answer to its last one is whole. */
export async function sendAll({ port, requests, connections }: Sending): Promise<Sent> {
  const latencies = new Float64Array(requests.length)
  let next = 0
  let wrong = 0
  const take = () => (next < requests.length ? next++ : undefined)
  const began = performance.now()
  const finished = Array.from({ length: connections }, () =>
    sendOver(port, {
      take: () => {
        const index = take()
        return index === undefined ? undefined : { index, bytes: requests[index] ?? Buffer.of() }
      },
      answered: (index, ms, isOk) => {
        latencies[index] = ms
        if (!isOk) wrong++
      },
    }),
  )
  await Promise.all(finished)
  return { seconds: (performance.now() - began) / 1_000, latencies, wrong }
}

type Work = {
  readonly take: () => { readonly index: number; readonly bytes: Buffer } | undefined
  readonly answered: (index: number, ms: number, isOk: boolean) => void
}

function sendOver(port: number, { take, answered }: Work): Promise<void> {
  return new Promise((resolve) => {
    let under: { readonly index: number; readonly at: number } | undefined
    let received = ''
    const settle = (isOk: boolean) => {
      if (under !== undefined) answered(under.index, performance.now() - under.at, isOk)
      under = undefined
    }
    const sendNext = () => {
      const request = take()
      if (request === undefined) {
        socket.end()
        return
      }
      under = { index: request.index, at: performance.now() }
      socket.write(request.bytes)
    }
    // Without the stream's own buffering a read costs half as much.
    const callback = (bytes: number, buffer: Uint8Array) => {
      received += Buffer.from(buffer.buffer, buffer.byteOffset, bytes).toString('latin1')
      if (isWhole(received)) {
        settle(received.startsWith('HTTP/1.1 200'))
        received = ''
        sendNext()
      }
      return true
    }
    const onread = { buffer: Buffer.allocUnsafe(16_384), callback }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    socket.once('connect', sendNext)
    socket.on('error', () => undefined) // 'close' follows
    socket.once('close', () => {
      settle(false)
      resolve()
    })
  })
}

const lengthHeader = /\r\ncontent-length: (\d+)/i

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return false
  return answer.length >= head + 4 + Number(lengthHeader.exec(answer)?.[1] ?? 0)
}

import type { IncomingMessage } from 'node:http'

export type BodyRead =
  | { readonly kind: 'whole'; readonly body: Buffer }
  | { readonly kind: 'too-large' }
  /** The connection is gone, or was cut because the body came too slowly. */
  | { readonly kind: 'broken' }

export type BodyLimits = { readonly bytes: number; readonly timeMs: number }

/**
 * The raw body. One that is too large is known as such at once, and what still comes of it is thrown
 * away. One that is too slow loses its connection instead of getting an answer: Outreach would count
 * any answer as delivered, and sends again only after a broken connection.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    let timer: NodeJS.Timeout | undefined
    // Mostly the body comes in one piece with its head, and is here before a timer could be wanted.
    process.nextTick(() => {
      if (!request.complete && !request.destroyed)
        timer = setTimeout(() => request.socket.destroy(), limits.timeMs)
    })

    const giveUp = () => {
      chunks.length = 0
      size = Infinity
      resolve({ kind: 'too-large' })
    }
    if (Number(request.headers['content-length'] ?? 0) > limits.bytes) giveUp()

    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.bytes) giveUp()
      else chunks.push(chunk)
    })
    request.on('end', () => {
      clearTimeout(timer)
      const [first] = chunks
      const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
      resolve({ kind: 'whole', body })
    })
    request.on('close', () => {
      clearTimeout(timer)
      resolve({ kind: 'broken' })
    })
  })
}

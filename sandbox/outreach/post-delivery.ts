import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export type Delivery = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Any status is an answer (outreach-api 1.9); the others are failures of the network. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'timed-out' }

/** Posts once, on a connection of its own, and never follows a redirect. */
export function postDelivery(
  delivery: Delivery,
  { timeLimitMs, signal }: { readonly timeLimitMs: number; readonly signal: AbortSignal },
): Promise<Posted> {
  return new Promise((resolve) => {
    const send = delivery.url.startsWith('https:') ? httpsRequest : httpRequest
    const body = Buffer.from(delivery.body)
    const request = send(delivery.url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...delivery.headers, 'Content-Length': String(body.length) },
    })
    const timer = setTimeout(() => {
      resolve({ kind: 'timed-out' })
      request.destroy()
    }, timeLimitMs)
    const settle = (posted: Posted) => {
      clearTimeout(timer)
      resolve(posted)
    }
    request.on('response', (response) => {
      response.resume()
      settle({ kind: 'answered', status: response.statusCode ?? 0 })
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      settle({ kind: 'failed', code: error.code ?? error.name })
    })
    request.end(body)
  })
}

import type { HttpAnswer, HttpRequest } from './http-call.ts'
import { readJson } from './to-members.ts'
import { toFailureCode, wasNotSent } from './was-not-sent.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

type Deps = {
  readonly fetch: Fetch
  readonly now: () => number
  readonly timeLimitMs: number
  readonly sizeLimitBytes: number
}

export type Sent =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  /** No connection was made: nothing was sent. */
  | { readonly kind: 'not-sent'; readonly why: string; readonly cause: unknown }
  /** It left, and no whole answer came. `isBroken`: the connection broke, nobody waited in vain. */
  | {
      readonly kind: 'lost'
      readonly why: string
      readonly cause: unknown
      readonly isBroken: boolean
    }
  /** The caller's signal aborted while it was under way. */
  | { readonly kind: 'given-up'; readonly cause: unknown }

type Outgoing = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>

class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}

/** One request and its whole answer within the time limit, body included; redirects are answers. */
export function makeSendOnce({ fetch, now, timeLimitMs, sizeLimitBytes }: Deps) {
  return async (request: Outgoing, signal?: AbortSignal): Promise<Sent> => {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), timeLimitMs)
    const giveUp = () => limit.abort()
    if (signal?.aborted === true) giveUp()
    signal?.addEventListener('abort', giveUp)
    const sentAt = now()
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: { ...request.headers },
        redirect: 'manual',
        signal: limit.signal,
        ...(request.body === undefined ? {} : { body: request.body }),
      })
      const text = await readText(response, sizeLimitBytes)
      const { status, headers } = response
      const answer = { status, headers, text, json: readJson(text), sentAt, receivedAt: now() }
      return { kind: 'answer', answer }
    } catch (cause) {
      if (signal?.aborted === true) return { kind: 'given-up', cause: signal.reason }
      return toLost(cause, limit.signal.aborted ? timeLimitMs : undefined)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
  }
}

function toLost(error: unknown, limitMs: number | undefined): Sent {
  if (limitMs !== undefined) {
    const why = `no whole answer within ${limitMs} ms`
    return { kind: 'lost', why, cause: undefined, isBroken: false }
  }
  if (error instanceof AnswerTooLarge) {
    return { kind: 'lost', why: error.message, cause: undefined, isBroken: false }
  }
  const code = toFailureCode(error)
  // An error without a code may quote the request; it is not passed on.
  const cause = code === 'TypeError' ? undefined : error
  return wasNotSent(error)
    ? { kind: 'not-sent', why: `no connection (${code})`, cause }
    : { kind: 'lost', why: `the connection broke (${code})`, cause, isBroken: true }
}

async function readText(response: Response, sizeLimitBytes: number): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  const body: AsyncIterable<Uint8Array> = response.body
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > sizeLimitBytes) {
      throw new AnswerTooLarge(`the answer is larger than ${sizeLimitBytes} bytes`)
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

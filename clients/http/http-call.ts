import type { Call } from '../call.ts'
import type { CallResult } from '../system-gate.ts'

export type HttpRequest = {
  /** For counts and messages: method and resource, never an id or a value. */
  readonly what: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A read may be repeated, a write has to be looked up first, a patch never leaves twice. */
  readonly effect: 'read' | 'write' | 'patch'
  /** Epoch ms: where it is past when the request's turn has come, `TooLate` is thrown instead. */
  readonly notAfter?: number
  /** What this answer tells the circuit. */
  readonly judge: (answer: HttpAnswer) => CallResult
}

export type HttpAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; undefined where it is not JSON. */
  readonly json: unknown
  /** Our clock when the request that got this answer was sent, and when the answer was whole. */
  readonly sentAt: number
  readonly receivedAt: number
}

/**
 * One call through the gate: sent within its time limit, delays and redirects obeyed. Throws
 * `SystemAway` where nothing was carried out, `UnknownAnswer` (writes) or `CallFailed` (reads) where
 * no whole answer came, `TooLate` for a write that must not leave any more.
 */
export type HttpCall = (request: HttpRequest, call: Call) => Promise<HttpAnswer>

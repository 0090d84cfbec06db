import { STATUS_CODES, type ServerResponse } from 'node:http'

export type Problem = {
  readonly status: number
  /** For people: what was wrong, and what to do. */
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers with problem details (RFC 9457). */
export function sendProblem(response: ServerResponse, { status, detail, headers }: Problem): void {
  const title = STATUS_CODES[status] ?? 'Error'
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  response.statusCode = status
  response.setHeader('content-type', 'application/problem+json; charset=utf-8')
  response.setHeader('content-length', Buffer.byteLength(body))
  response.end(body)
}

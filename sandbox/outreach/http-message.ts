import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, toApiError } from './api-error.ts'

export type SandboxRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly contentType: string
  readonly body: string
}

export type Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text goes as it is, anything else as JSON; absent: an empty body. */
  readonly body?: unknown
}

const maxBodyBytes = 10 * 1024 * 1024

export async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const url = new URL(incoming.url ?? '/', 'http://sandbox.invalid')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    // A body stream yields buffers as long as no encoding is set.
    bytes += chunk.length
    if (bytes <= maxBodyBytes) chunks.push(chunk)
  }
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    authorization: incoming.headers.authorization,
    contentType: (incoming.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

export function parseJson(body: string): unknown {
  try {
    return body === '' ? undefined : (JSON.parse(body) as unknown)
  } catch {
    throw toApiError(400, {
      id: 'badRequest',
      title: 'Bad Request',
      detail: 'The request body is not valid JSON.',
    })
  }
}

/** The reply of a handler, or of the error that it threw. */
export function toReply(handle: () => Reply): Reply {
  try {
    return handle()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { status: error.status, headers: error.headers, body: error.body }
  }
}

/** Sends the reply with the Date of the sandbox's own clock; half of it and a reset where `isCut`. */
export function writeReply(
  response: ServerResponse,
  reply: Reply,
  { now, isCut = false }: { readonly now: number; readonly isCut?: boolean },
): void {
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  const body = Buffer.from(reply.body === undefined ? '' : text)
  response.sendDate = false
  response.writeHead(reply.status, {
    ...(reply.body !== undefined && { 'Content-Type': 'application/vnd.api+json' }),
    ...(reply.status !== 204 && { 'Content-Length': String(body.length) }),
    Date: new Date(now).toUTCString(),
    ...reply.headers,
  })
  if (!isCut) {
    response.end(body)
    return
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    response.socket?.resetAndDestroy()
  })
}

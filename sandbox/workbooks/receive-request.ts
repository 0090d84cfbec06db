import type { IncomingMessage } from 'node:http'
import { readParameters } from './parameters.ts'
import type { Parameters as WireParameters } from './parameters.ts'

export type Received = {
  /** Upper case, `_method` counted (workbooks-api 1). */
  readonly method: string
  readonly pathname: string
  readonly target: string
  /** `crm/organisations`: no slash in front, no extension. */
  readonly path: string
  readonly parameters: WireParameters
  readonly cookie: string | undefined
  readonly userAgent: string
  readonly hasBody: boolean
}

/** The whole body of a request. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  // Node's own streams of bytes yield Buffers.
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const tryParameters = (...given: Parameters<typeof readParameters>) => {
  try {
    return readParameters(...given)
  } catch {
    return undefined
  }
}

const sessionCookie = (header: string | undefined): string | undefined =>
  /(?:^|;\s*)Workbooks-Session=([^;]+)/.exec(header ?? '')?.[1]

/** Undefined where the body is not what its Content-Type says. */
export const receiveRequest = async (request: IncomingMessage): Promise<Received | undefined> => {
  const url = new URL(request.url ?? '/', 'http://sandbox')
  const body = await readBody(request)
  const contentType = request.headers['content-type'] ?? ''
  const parameters = tryParameters(url.searchParams, body, contentType)
  if (parameters === undefined) return undefined
  return {
    method: (parameters.first('_method') ?? request.method ?? 'GET').toUpperCase(),
    pathname: url.pathname,
    target: `${url.pathname}${url.search}`,
    path: decodeURIComponent(url.pathname)
      .replace(/^\/+/, '')
      .replace(/\.\w{3,6}$/, ''),
    parameters,
    cookie: sessionCookie(request.headers.cookie),
    userAgent: request.headers['user-agent'] ?? '',
    hasBody: body.length > 0,
  }
}

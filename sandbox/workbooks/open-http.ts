import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from './answer.ts'
import { html } from './answer.ts'
import type { Preferences } from './preferences.ts'
import { readPreferences } from './preferences.ts'
import { readBody, receiveRequest } from './receive-request.ts'
import type { Received } from './receive-request.ts'
import { renderJson, shuffleKeys } from './render-json.ts'
import type { Random } from './seeded-random.ts'
import type { Served } from './serve-api.ts'
import type { ControlAnswer, ControlRequest } from './serve-control.ts'
import type { Session, Sessions } from './sessions.ts'

type Deps = {
  readonly serveApi: (received: Received) => Promise<Served>
  readonly serveControl: (request: ControlRequest) => ControlAnswer
  readonly sessions: Sessions
  readonly random: Random
  readonly shufflesKeys: boolean
  /** Epoch ms, for the Date header. */
  readonly now: () => number
}

export type OpenHttp = { readonly url: string; readonly close: () => Promise<void> }

const controlPrefix = '/_sandbox/'

const sendControl = async (
  request: IncomingMessage,
  response: ServerResponse,
  serve: Deps['serveControl'],
): Promise<void> => {
  const text = (await readBody(request)).toString('utf8')
  let answer: ControlAnswer
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox')
    answer = serve({
      method: request.method ?? 'GET',
      path: pathname.slice(controlPrefix.length),
      query: searchParams,
      body: text === '' ? undefined : JSON.parse(text),
    })
  } catch {
    answer = { status: 400, body: { error: 'the body is not JSON' } }
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(answer.body, null, 2)}\n`)
}

const sendAnswer = (response: ServerResponse, answer: Answer, how: Preferences): void => {
  if (answer.kind === 'html') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    if (answer.location !== undefined) response.setHeader('Location', answer.location)
    response.writeHead(answer.status).end(answer.html)
    return
  }
  const { contentType, text } = renderJson(answer.body, how)
  response.setHeader('Content-Type', contentType)
  response.writeHead(answer.status).end(text)
}

/** The socket side of the simulated Workbooks, on loopback only. */
export const openHttp = async (port: number, deps: Deps): Promise<OpenHttp> => {
  const setCookie = (response: ServerResponse, session: Session | undefined): void => {
    if (session)
      response.setHeader(
        'Set-Cookie',
        `Workbooks-Session=${deps.sessions.rotate(session)}; path=/; HttpOnly`,
      )
  }

  const shuffled = (answer: Answer): Answer =>
    answer.kind === 'json' && deps.shufflesKeys
      ? { ...answer, body: shuffleKeys(answer.body, deps.random) }
      : answer

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.startsWith(controlPrefix)) {
      await sendControl(request, response, deps.serveControl)
      return
    }
    const received = await receiveRequest(request)
    if (received === undefined) {
      response.writeHead(406).end()
      return
    }
    const served = await deps.serveApi(received)
    if (served.kind === 'dropped') {
      request.socket.destroy()
      return
    }
    setCookie(response, served.session)
    response.setHeader('Date', new Date(deps.now()).toUTCString())
    const how = readPreferences(received.parameters, served.session?.login)
    sendAnswer(response, shuffled(served.answer), how)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end(failurePage)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  // Listening on a port, never on a pipe.
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const page = html(500, 'The simulated Workbooks failed')
const failurePage = page.kind === 'html' ? page.html : ''

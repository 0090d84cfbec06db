import { createServer } from 'node:http'
import {
  openSimulatedOutreach,
  type SimulatedOutreach,
  type SimulatedOutreachOptions,
} from './simulated-outreach.ts'
import { isMembers } from './write-validation.ts'

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Members
}

export type Members = Readonly<Record<string, unknown>>

export type TestOutreach = SimulatedOutreach & {
  /** Calls with the token `fixed`, or with the headers that are given. */
  readonly call: (
    method: string,
    path: string,
    sent?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ) => Promise<Answer>
}

/** A simulated Outreach with quick webhooks, and a way to talk to it. */
export async function openTestOutreach(
  options: SimulatedOutreachOptions = {},
): Promise<TestOutreach> {
  const outreach = await openSimulatedOutreach({
    accessTokens: [{ token: 'fixed' }],
    ...options,
    webhooks: { delayMs: { from: 0, to: 2 }, attemptGapMs: 2, ...options.webhooks },
  })
  return {
    ...outreach,
    call: async (method, path, { body, headers } = {}) => {
      const response = await fetch(`${outreach.url}${path}`, {
        method,
        redirect: 'manual',
        headers: headers ?? {
          authorization: 'Bearer fixed',
          'content-type': 'application/vnd.api+json',
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: toMembers(text) }
    },
  }
}

/** A JSON:API body that asks for a record of that type. */
export function toBody(
  type: string,
  attributes: Members,
  { links = {}, id }: { readonly links?: Members; readonly id?: number } = {},
) {
  const relationships = Object.fromEntries(
    Object.entries(links).map(([name, link]) => [name, { data: link }]),
  )
  return { data: { type, ...(id !== undefined && { id }), attributes, relationships } }
}

/** A member deep inside parsed JSON: `at(json, 'data', 0, 'id')`. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let reached = value
  for (const step of path) {
    if (Array.isArray(reached)) reached = (reached as readonly unknown[])[Number(step)]
    else reached = isMembers(reached) ? reached[step] : undefined
  }
  return reached
}

export type ReceivedDelivery = {
  readonly headers: Readonly<Record<string, unknown>>
  readonly raw: string
  readonly json: Members
  readonly name: unknown
}

export type Receiver = AsyncDisposable & {
  readonly url: string
  readonly deliveries: readonly ReceivedDelivery[]
  /** How the next ones are answered: a status, a reset, or not at all. */
  readonly answerWith: (how: number | 'reset' | 'silence', count: number) => void
}

/** A receiver of webhooks that keeps whatever comes. */
export async function openReceiver(): Promise<Receiver> {
  const deliveries: ReceivedDelivery[] = []
  const answers: (number | 'reset' | 'silence')[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      const json = toMembers(raw)
      deliveries.push({ headers: request.headers, raw, json, name: at(json, 'meta', 'eventName') })
      const how = answers.shift() ?? 200
      if (how === 'reset') request.socket.resetAndDestroy()
      else if (how !== 'silence') response.writeHead(how, { Connection: 'close' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    deliveries,
    answerWith: (how, count) => {
      answers.push(...Array.from({ length: count }, () => how))
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

function toMembers(text: string): Members {
  try {
    const value: unknown = JSON.parse(text)
    return isMembers(value) ? value : {}
  } catch {
    return {}
  }
}

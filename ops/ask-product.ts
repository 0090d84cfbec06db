import { sentenceOf } from '../runtime/errors.ts'
import { readOpsSecret } from './ops-secret.ts'
import { signToken } from './sign-token.ts'
import type { Members, Scope, Verb } from './verb.ts'

/** What the command line needs to know of the settings. */
export type AskingSettings = {
  readonly opsUrl: string
  readonly opsToken: string | undefined
  readonly opsJwtSecret: string | undefined
  readonly dataDir: string
}

export type Asking = {
  readonly settings: AskingSettings
  readonly fetch: typeof fetch
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Who types: the name of the user of this machine. */
  readonly user: string
  readonly signal: AbortSignal
}

export type Answered =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | {
      readonly kind: 'not answered'
      readonly sentence: string
      readonly isTypedWrongly: boolean
    }

const timeLimitMs = 15_000
// Long enough for one question, and for a clock that is a little off.
const tokenSeconds = 300

/** Puts a verb's question to the running product over HTTP. */
export async function askProduct<Deps>(
  verb: Pick<Verb<Deps>, 'http' | 'scope'>,
  members: Members,
  asking: Asking,
): Promise<Answered> {
  const token = await tokenFor(verb.scope, asking)
  if (token === undefined) {
    return notAnswered(
      `There is no token to show: set OPS_TOKEN, or OPS_JWT_SECRET, or start the product once with DATA_DIR=${asking.settings.dataDir}`,
    )
  }
  const { url, init } = toRequest(verb, members, asking.settings.opsUrl)
  try {
    const response = await asking.fetch(url, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
      // A token shown to wherever a redirect points would be given away.
      redirect: 'error',
      signal: AbortSignal.any([asking.signal, AbortSignal.timeout(timeLimitMs)]),
    })
    return toAnswered(response.status, await response.text())
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    return notAnswered(
      `Nothing answers at ${asking.settings.opsUrl} (${sentenceOf(cause)}): start the product, or set OPS_URL to where it runs`,
    )
  }
}

async function tokenFor(scope: Scope, asking: Asking): Promise<string | undefined> {
  const { settings, now, user } = asking
  if (settings.opsToken !== undefined) return settings.opsToken
  const secret = settings.opsJwtSecret ?? (await readOpsSecret(settings.dataDir))
  if (secret === undefined) return undefined
  return signToken(secret, { sub: user, scopes: [scope], forSeconds: tokenSeconds, now: now() })
}

type Request = {
  readonly url: string
  readonly init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }
}

function toRequest({ http }: Pick<Verb<never>, 'http'>, members: Members, opsUrl: string): Request {
  const accept = { accept: 'application/json, application/problem+json' }
  const { path, rest } = fillPath(http.path, members)
  const url = `${opsUrl}${path}`
  if (http.method === 'POST') {
    const headers = { ...accept, 'content-type': 'application/json' }
    return { url, init: { method: 'POST', headers, body: JSON.stringify(rest) } }
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) query.set(name, String(value))
  const url2 = query.size === 0 ? url : `${url}?${query.toString()}`
  return { url: url2, init: { method: http.method, headers: accept } }
}

/** A member in the path that is left out means all. */
function fillPath(path: string, members: Members): { path: string; rest: Members } {
  const [, name] = /:(\w+)/.exec(path) ?? []
  if (name === undefined) return { path, rest: members }
  const { [name]: given = 'all', ...rest } = members
  return { path: path.replace(`:${name}`, encodeURIComponent(String(given))), rest }
}

function toAnswered(status: number, text: string): Answered {
  const body = toJson(text)
  if (status >= 200 && status < 300 && body !== undefined) return { kind: 'answered', answer: body }
  const detail =
    typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : undefined
  const sentence = detail ?? 'that is no answer of this product: is OPS_URL right?'
  return {
    kind: 'not answered',
    sentence: `${status}: ${sentence}`,
    isTypedWrongly: status === 400,
  }
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function notAnswered(sentence: string): Answered {
  return { kind: 'not answered', sentence, isTypedWrongly: false }
}

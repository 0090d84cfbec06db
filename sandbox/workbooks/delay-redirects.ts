import { redirect } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Parameters } from './parameters.ts'

export type Delayed = {
  readonly method: string
  /** With its query. */
  readonly target: string
  readonly parameters: Parameters
}

type Waiting = Delayed & {
  readonly ms: number
  readonly keepsBody: boolean
  hopsLeft: number
}

/** Too many requests: a 302 to a delaying URL, which sends the caller back after a while (workbooks-api 1, 11). */
export type DelayRedirects = {
  readonly start: (
    request: Delayed,
    how: { readonly hops: number; readonly ms: number; readonly keepsBody: boolean },
  ) => Answer
  /** Undefined for a path that is no delaying URL. */
  readonly follow: (path: string) => { readonly ms: number; readonly answer: Answer } | undefined
  /** What is known of a request that has waited; it is let through. */
  readonly returned: (
    token: string | undefined,
  ) => { readonly kept: Delayed | undefined } | undefined
}

const withToken = (target: string, token: string): string =>
  `${target}${target.includes('?') ? '&' : '?'}_delayed=${token}`

/** The form of the delaying URL is unknown; this one is ours. */
export const makeDelayRedirects = (newToken: () => string): DelayRedirects => {
  const waiting = new Map<string, Waiting>()
  return {
    start: (request, how) => {
      const token = newToken()
      waiting.set(token, { ...request, ms: how.ms, keepsBody: how.keepsBody, hopsLeft: how.hops })
      return redirect(`/delayed/${token}`)
    },
    follow: (path) => {
      const token = /^\/delayed\/(\w+)$/.exec(path)?.[1]
      const found = token === undefined ? undefined : waiting.get(token)
      if (token === undefined || !found) return undefined
      found.hopsLeft -= 1
      const next = found.hopsLeft > 0 ? path : withToken(found.target, token)
      return { ms: found.ms, answer: redirect(next) }
    },
    returned: (token) => {
      const found = token === undefined ? undefined : waiting.get(token)
      if (token === undefined || !found) return undefined
      waiting.delete(token)
      return { kept: found.keepsBody ? found : undefined }
    },
  }
}

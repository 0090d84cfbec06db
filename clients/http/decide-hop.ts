import type { HttpAnswer } from './http-call.ts'
import { toRetryAt } from './to-retry-at.ts'

const redirects = new Set([301, 302, 303, 307, 308])
const mostHops = 20
const longestMs = 120_000

type Asked = {
  readonly answer: Pick<HttpAnswer, 'status' | 'headers' | 'json' | 'text' | 'receivedAt'>
  /** Where this answer came from, and where the call wanted to go at first. */
  readonly asked: string
  readonly original: string
  /** How often the call was sent elsewhere or back, before this answer. */
  readonly hops: number
  readonly spentMs: number
}

export type Hop =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly url: string; readonly waitMs: number }
  | { readonly kind: 'give-up'; readonly why: string; readonly waitMs: number }

/** Whether an answer is one, or a delay: Workbooks slows its callers by redirects (workbooks-api 11). */
export function decideHop(asked: Asked): Hop {
  const { answer, original } = asked
  const location = answer.headers.get('location')
  if (redirects.has(answer.status) && location !== null) {
    const target = URL.canParse(location, asked.asked) ? new URL(location, asked.asked) : undefined
    if (target === undefined || target.origin !== new URL(original).origin) {
      const why = 'it redirects to another host, which is not followed; check the API address'
      return { kind: 'give-up', why, waitMs: 30_000 }
    }
    return limited(asked, target.href)
  }
  const isElsewhere = new URL(asked.asked).pathname !== new URL(original).pathname
  return isElsewhere && !isUsable(answer) ? limited(asked, original) : { kind: 'done' }
}

/** A page that only says "wait" or cannot take our method is no answer to the call. */
function isUsable({ status, json, text }: Asked['answer']): boolean {
  if (status === 404 || status === 405) return false
  return json !== undefined || status >= 500 || (status === 204 && text === '')
}

function limited({ answer, hops, spentMs }: Asked, url: string): Hop {
  const { headers, receivedAt: now } = answer
  const told = toRetryAt(headers.get('retry-after'), { now, dateHeader: headers.get('date') })
  const waitMs = told === undefined ? ownWaitMs(hops) : Math.max(0, told - now)
  if (hops >= mostHops) {
    return { kind: 'give-up', why: `it redirected ${mostHops} times`, waitMs: 30_000 }
  }
  if (spentMs + waitMs > longestMs) {
    return { kind: 'give-up', why: 'it delays its callers by redirects', waitMs }
  }
  return { kind: 'again', url, waitMs }
}

// Without a word from the system: at once, then 0.25 s, 0.5, 1, 2, 4, and every 8 s.
function ownWaitMs(hops: number): number {
  return hops === 0 ? 0 : Math.min(8_000, 250 * 2 ** (hops - 1))
}

import type { HttpAnswer } from './http-call.ts'
import { toMembers } from './to-members.ts'
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
    if (target === undefined || !isOneOrigin(target, new URL(original))) {
      const why = 'it redirects to another host, which is not followed; check the API address'
      return { kind: 'give-up', why, waitMs: 30_000 }
    }
    return limited(asked, target.href)
  }
  const isElsewhere = new URL(asked.asked).pathname !== new URL(original).pathname
  return isElsewhere && !isUsable(answer) ? limited(asked, original) : { kind: 'done' }
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The names of this very machine mean one server, so long as the port is the same. */
function isOneOrigin(target: URL, original: URL): boolean {
  if (target.origin === original.origin) return true
  const areLoopback = [target, original].every(({ hostname }) => loopbackNames.has(hostname))
  return areLoopback && target.protocol === original.protocol && target.port === original.port
}

// What an answer of Workbooks or a JSON:API answer of Outreach has at least one of.
const answerMembers = ['success', 'data', 'affected_objects', 'types', 'failure_reason', 'errors']

/** A page or a note that only says "wait", or cannot take our method, is no answer to the call. */
function isUsable({ status, json, text }: Asked['answer']): boolean {
  if (status >= 500 || (status === 204 && text === '')) return true
  // A wait that is told, and a key that is refused, are meant for us wherever they come from.
  if (status === 429) return true
  if (status >= 400) return toMembers(json)['failure_reason'] !== undefined
  return Array.isArray(json) || answerMembers.some((name) => name in toMembers(json))
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

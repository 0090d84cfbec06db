import { Refused, SetupFault, SystemAway, type CallError } from '../errors.ts'
import type { HttpAnswer, HttpRequest } from '../http/http-call.ts'
import { toUnanswered } from '../http/make-http-call.ts'
import { toMembers, toText } from '../http/to-members.ts'
import { toQuote } from '../http/to-quote.ts'
import { toRetryAt } from '../http/to-retry-at.ts'
import type { CallResult } from '../system-gate.ts'
import { isStale, toProblemText } from './to-problems.ts'

type Asked = { readonly what: string; readonly effect: HttpRequest['effect'] }
type Answer = Pick<HttpAnswer, 'status' | 'headers' | 'json' | 'receivedAt'> & {
  readonly text?: string
}

// The two that are documented as temporary (workbooks-api 2.4).
const passing = new Set(['database_being_migrated', 'database_archived'])

/** What a refused row has among its `ids` where somebody else saved it in between. */
export const staleId = 'stale'

// Understood and turned away: one of the rows is at fault, not the route.
const rowStatuses = new Set([406, 409, 422])

function toReason({ json }: Answer): string | undefined {
  return toText(toMembers(json)['failure_reason'])
}

/** A whole answer of the API: a JSON object, though perhaps one that says no. */
export function isGood(answer: Answer): boolean {
  const { status, json } = answer
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  return status >= 200 && status < 300 && isObject && toReason(answer) === undefined
}

function toAwayUntil(answer: Answer): number | undefined {
  const { status, headers, receivedAt: now } = answer
  const told = toRetryAt(headers.get('retry-after'), { now, dateHeader: headers.get('date') })
  if (status === 429 || status === 503) return told ?? (status === 429 ? now + 30_000 : undefined)
  return passing.has(toReason(answer) ?? '') ? (told ?? now + 60_000) : undefined
}

/** What a failed answer means (workbooks-api 2.4, 5.6): the set-up, this request, or Workbooks for now. */
export function toWorkbooksError(answer: Answer, asked: Asked): CallError {
  const { status } = answer
  const about = { system: 'workbooks', status } as const
  const message = toMessage(answer, asked)

  const until = toAwayUntil(answer)
  // A 5xx to a write may hide one that was carried out, even one that asks us to wait.
  if (until !== undefined && (status < 500 || asked.effect === 'read')) {
    return new SystemAway(message, { ...about, until })
  }
  const refusal = asked.effect === 'read' ? undefined : toRefusal(answer)
  if (refusal !== undefined) return new Refused(message, { ...about, ...refusal })
  if (toReason(answer) !== undefined || status === 401 || status === 403) {
    const mend = 'check WORKBOOKS_API_KEY: its dates, its permitted IP addresses, its user’s rights'
    return new SetupFault(message, { ...about, mend })
  }
  if (status < 400 || status === 408 || status >= 500) return toNoAnswer(asked, status)
  const mend = `look at ${asked.what}: its name, its columns, and the key’s right to it`
  return new SetupFault(message, { ...about, mend })
}

/** Whether a write was turned away for one of its rows. */
function toRefusal(answer: Answer): { readonly ids: readonly string[] } | undefined {
  const { status, json, text } = answer
  if (status < 500 && isStale(json ?? text)) return { ids: [staleId] }
  return rowStatuses.has(status) && toReason(answer) === undefined ? { ids: [] } : undefined
}

function toMessage(answer: Answer, { what }: Asked): string {
  const says = toText(toMembers(answer.json)['failure_message']) ?? toProblemText(answer.json)
  const words = [toReason(answer), says].filter((text) => text !== undefined && text !== '')
  const quote = words.length === 0 ? '' : `: ${toQuote(words.join(': '))}`
  return `workbooks: ${what} was answered ${answer.status}${quote}`
}

function toNoAnswer(asked: Asked, status: number): CallError {
  const about = { system: 'workbooks', status } as const
  const isNoAnswerAtAll = status < 400 && (asked.effect === 'read' || status >= 300)
  if (isNoAnswerAtAll) {
    const message = `workbooks: ${asked.what} was answered ${status} with something that is not JSON`
    return new SystemAway(message, about)
  }
  const why = status < 300 ? 'the answer is not JSON' : `answered ${status}`
  return toUnanswered({ ...asked, why }, about)
}

/** What an answer tells the circuit; a refusal is an answer like any other. */
export function judgeWorkbooksAnswer(answer: HttpAnswer): CallResult {
  const { status } = answer
  const why = `it answered ${status}${status < 300 ? ' without JSON' : ''}`
  const until = toAwayUntil(answer)
  if (until !== undefined) return { kind: 'paused', until, why: toReason(answer) ?? why }
  const isBroken = status >= 500 || (status < 400 && answer.json === undefined)
  return isBroken ? { kind: 'failed', why } : { kind: 'answered' }
}

import type { Call } from '../call.ts'
import { SystemAway } from '../errors.ts'
import type { CallingGate } from '../gate/calling-gate.ts'
import type { HttpAnswer, HttpCall, HttpRequest } from '../http/http-call.ts'
import { toClockOffset } from '../http/to-clock-offset.ts'
import { toRetryAt } from '../http/to-retry-at.ts'
import type { CallResult } from '../system-gate.ts'
import type { AccessTokens } from './access-tokens.ts'
import { toAwayUntil, toOutreachError, type Asked } from './to-outreach-error.ts'

type Deps = {
  readonly http: HttpCall
  readonly gate: Pick<CallingGate, 'noteBudget'>
  readonly tokens: AccessTokens
}

export type OutreachRequest = Asked & {
  readonly method: HttpRequest['method']
  readonly url: string
  readonly body?: unknown
  readonly notAfter?: number
}

const mediaType = 'application/vnd.api+json'

/** One authorised JSON:API request; resolves with a 2xx answer, throws a `CallError` for any other. */
export function makeOutreachCall({ http, gate, tokens }: Deps) {
  let clockOffsetMs = 0

  async function send(
    request: OutreachRequest,
    { token, judge }: { readonly token: string; readonly judge: HttpRequest['judge'] },
    call: Call,
  ): Promise<HttpAnswer> {
    const { what, method, url, body, effect, notAfter } = request
    const answer = await http(
      {
        what,
        method,
        url,
        effect,
        headers: {
          authorization: `Bearer ${token}`,
          accept: mediaType,
          'content-type': mediaType,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(notAfter === undefined ? {} : { notAfter }),
        judge,
      },
      call,
    )
    clockOffsetMs = toClockOffset(answer) ?? clockOffsetMs
    noteBudget(answer)
    return answer
  }

  function noteBudget({ headers, receivedAt: now }: HttpAnswer): void {
    const left = firstNumber(headers.get('x-ratelimit-remaining'))
    const limit = firstNumber(headers.get('x-ratelimit-limit'))
    const dateHeader = headers.get('date')
    const until = toRetryAt(headers.get('x-ratelimit-reset'), { now, dateHeader })
    if (left === undefined || limit === undefined || until === undefined) return
    // A reset further away than the hour that the limit is about is a misread header.
    if (until <= now || until > now + 3_700_000) return
    gate.noteBudget({ left, limit, until })
  }

  async function outreachCall(request: OutreachRequest, call: Call): Promise<HttpAnswer> {
    const token = await tokens.current(call)
    const judge = tokens.canRenew ? judgeFirstAnswer : judgeOutreachAnswer
    let answer = await send(request, { token, judge }, call)
    if (answer.status === 401) {
      const fresh = await tokens.renew(token, call)
      if (fresh === undefined) throw notAccepted(answer.status)
      answer = await send(request, { token: fresh, judge: judgeOutreachAnswer }, call)
      if (answer.status === 401) throw notAccepted(answer.status)
    }
    if (isGood(answer)) return answer
    throw toOutreachError(answer, request)
  }

  return { outreachCall, clockOffsetMs: () => clockOffsetMs }
}

function notAccepted(status: number): SystemAway {
  const message = 'outreach: the access token is not accepted; look at the Outreach credentials'
  return new SystemAway(message, { system: 'outreach', status })
}

function isGood({ status, json, text }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && (json !== undefined || text.trim() === '')
}

// `9999, 19988`: the first is the user's hourly limit (outreach-api 5).
function firstNumber(header: string | null): number | undefined {
  const text = /\d+/.exec(header ?? '')?.[0]
  return text === undefined ? undefined : Number(text)
}

/** A token that has ended is renewed, and the call decides on its second answer. */
function judgeFirstAnswer(answer: HttpAnswer): CallResult {
  const isTokenOver = answer.status === 401
  return isTokenOver ? { kind: 'no-verdict', wasSent: true } : judgeOutreachAnswer(answer)
}

/** What an answer tells the circuit; a refusal is an answer like any other. */
export function judgeOutreachAnswer(answer: HttpAnswer): CallResult {
  const until = toAwayUntil(answer)
  const why = `it answered ${answer.status}`
  if (until !== undefined) return { kind: 'paused', until, why }
  const isBroken = answer.status >= 500 || (answer.status < 300 && !isGood(answer))
  // Token after token refused looks like any other outage: five in a row open the circuit.
  return isBroken || answer.status === 401 ? { kind: 'failed', why } : { kind: 'answered' }
}

import { SetupFault, SystemAway, type CallError } from '../../errors.ts'
import type { HttpAnswer } from '../../http/http-call.ts'
import { toMembers, toText } from '../../http/to-members.ts'
import { toQuote } from '../../http/to-quote.ts'
import { toRetryAt } from '../../http/to-retry-at.ts'
import type { CallResult } from '../../system-gate.ts'

/** A throttled token endpoint says nothing about the API beside it: only a 5xx does. */
export function judgeTokenAnswer({ status }: HttpAnswer): CallResult {
  return status >= 500
    ? { kind: 'failed', why: `the token endpoint answered ${status}` }
    : { kind: 'answered' }
}

type Context = { readonly now: number; readonly mend: string }

/** Why no token came: the set-up (a person must act), or Outreach for the moment. */
export function toTokenError(answer: HttpAnswer, { now, mend }: Context): CallError {
  const { status, headers, json } = answer
  const about = { system: 'outreach', status } as const
  const told = toRetryAt(headers.get('retry-after'), { now, dateHeader: headers.get('date') })
  if (status === 429) {
    const until = told ?? now + 60_000
    return new SystemAway('outreach: a new token is given once a minute only', { ...about, until })
  }
  if (status >= 500 || status < 400) {
    const until = told === undefined ? {} : { until: told }
    return new SystemAway(`outreach: the token endpoint answered ${status}`, { ...about, ...until })
  }
  const error = toText(toMembers(json)['error']) ?? `status ${status}`
  return new SetupFault(`outreach gives no token: ${toQuote(error)}`, {
    ...about,
    mend: error === 'invalid_client' ? 'check OUTREACH_CLIENT_ID and OUTREACH_CLIENT_SECRET' : mend,
  })
}

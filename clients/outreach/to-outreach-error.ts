import { RecordGone, Refused, SetupFault, SystemAway, type CallError } from '../errors.ts'
import type { HttpAnswer, HttpRequest } from '../http/http-call.ts'
import { toUnanswered } from '../http/make-http-call.ts'
import { toElements, toMembers, toText } from '../http/to-members.ts'
import { toQuote } from '../http/to-quote.ts'
import { toRetryAt } from '../http/to-retry-at.ts'

export type Asked = {
  readonly what: string
  readonly effect: HttpRequest['effect']
  /** The record that the request names in its path, where it names one. */
  readonly record?: { readonly type: string; readonly id: string }
}

type Answer = Pick<HttpAnswer, 'status' | 'headers' | 'json' | 'receivedAt'>

type Problem = {
  readonly id: string | undefined
  readonly words: string
  readonly pointer: string | undefined
}

/** The items of an error envelope; 415 spells `detail` in the plural. */
function toProblems(json: unknown): readonly Problem[] {
  return toElements(toMembers(json)['errors']).map((item) => {
    const { id, detail, details, title, source } = toMembers(item)
    const words = [detail, details, title].map(toText).find((text) => text !== undefined) ?? ''
    const pointer = toText(toMembers(source)['pointer'])
    return { id: toText(id), words, pointer }
  })
}

/** Until when Outreach is away for everybody; undefined where this answer does not say that it is. */
export function toAwayUntil({ status, headers, json, receivedAt }: Answer): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  const clocks = { now: receivedAt, dateHeader: headers.get('date') }
  const told = toRetryAt(headers.get('retry-after'), clocks)
  if (told !== undefined) return told
  if (status === 429)
    return toRetryAt(headers.get('x-ratelimit-reset'), clocks) ?? receivedAt + 60e3
  // A plain 503 may be one broken record's; only the announced kind is everybody's.
  const isMaintenance = toProblems(json).some(({ id }) => id === 'scheduledServerMaintenance')
  return isMaintenance ? receivedAt + 60_000 : undefined
}

/** What a failed answer means (outreach-api 4): the record, the set-up, or Outreach for now. */
export function toOutreachError(answer: Answer, asked: Asked): CallError {
  const { status, json } = answer
  const problems = toProblems(json)
  const says = problems.map(({ words }) => words).find((words) => words !== '')
  const message = `outreach: ${asked.what} was answered ${status}${says === undefined ? '' : `: ${toQuote(says)}`}`
  const context = { asked, problems, message, about: { system: 'outreach', status } as const }

  const until = toAwayUntil(answer)
  if (until !== undefined) return new SystemAway(message, { ...context.about, until })
  if (status === 401) {
    return new SystemAway('outreach: the access token is not accepted', context.about)
  }
  if (status >= 400 && status < 500) return toClientError(context)
  const why = status < 300 ? 'the answer is not what the API documents' : `answered ${status}`
  return toUnanswered({ ...asked, why }, context.about)
}

type Context = {
  readonly asked: Asked
  readonly problems: readonly Problem[]
  readonly message: string
  readonly about: { readonly system: 'outreach'; readonly status: number }
}

function toClientError(context: Context): CallError {
  const { asked, message, about } = context
  switch (about.status) {
    case 403:
      return toForbidden(context)
    case 404:
      return toNotFound(context)
    case 409:
    case 422:
      return toRefused(context)
    case 408:
    case 425:
      return toUnanswered({ ...asked, why: `answered ${about.status}` }, about)
    default: {
      const mend = `look at ${asked.what}: Outreach does not take the request in this form`
      return new SetupFault(message, { ...about, mend })
    }
  }
}

function toForbidden(context: Context): CallError {
  const { problems, message, about } = context
  const scope = problems.find(({ id }) => id === 'unauthorizedOauthScope')
  if (scope !== undefined) {
    const name = /[A-Za-z]+\.[a-z]+/.exec(scope.words)?.[0] ?? 'it names'
    const mend = `give the Outreach application the scope ${name} and authorise it again`
    return new SetupFault(message, { ...about, mend })
  }
  if (problems.some(({ id }) => id === 'unauthorizedRequest')) return toRefused(context, true)
  const mend = 'look at the rights of the Outreach user or application behind the credentials'
  return new SetupFault(message, { ...about, mend })
}

function toNotFound(context: Context): CallError {
  const { asked, problems, message, about } = context
  const missing = problems.find(({ id }) => id === 'resourceNotFound')
  if (missing !== undefined && namesThis(missing, asked)) return new RecordGone(message, about)
  if (missing !== undefined && asked.effect !== 'read') return toRefused(context)
  const mend = `look at OUTREACH_API_URL: ${asked.what} leads to no endpoint there`
  return new SetupFault(message, { ...about, mend })
}

/** A write may also be answered 404 for another record that it links to. */
function namesThis({ words }: Problem, { record }: Asked): boolean {
  if (record === undefined) return false
  const [, type, id] = /'(\w+)' with ID '(\w+)'/i.exec(words) ?? []
  if (type === undefined) return true
  return type.toLowerCase() === record.type.toLowerCase() && id === record.id
}

function toRefused({ asked, problems, message, about }: Context, isByRight = false): CallError {
  // A list or a GET has no values to be refused: then our query is wrong (outreach-api 3.4).
  if (asked.effect === 'read' && !isByRight) {
    const mend = `look at the filter of ${asked.what}: Outreach does not take it`
    return new SetupFault(message, { ...about, mend })
  }
  const ids = problems.flatMap(({ id }) => id ?? [])
  const fields = problems.flatMap(
    ({ pointer }) =>
      /^\/data\/(?:attributes|relationships)\/([^/]+)/.exec(pointer ?? '')?.[1] ?? [],
  )
  return new Refused(message, { ...about, ids, fields })
}

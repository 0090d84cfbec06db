import type { Call } from '../call.ts'
import type { HttpAnswer, HttpCall, HttpRequest } from '../http/http-call.ts'
import { toClockOffset } from '../http/to-clock-offset.ts'
import { toMembers, type Members } from '../http/to-members.ts'
import type { FormField } from './to-form.ts'
import { isGood, judgeWorkbooksAnswer, toWorkbooksError } from './to-workbooks-error.ts'

type Deps = {
  /** `WORKBOOKS_API_URL`. */
  readonly apiUrl: string
  readonly apiKey: string
  /** Ours, for the User-Agent, without which Workbooks answers nobody. */
  readonly version: string
  readonly http: HttpCall
  readonly now: () => number
  /** Hears of every answer's clock: theirs minus ours, in ms. */
  readonly noteClock?: (offsetMs: number) => void
}

export type WorkbooksRequest = {
  readonly controller: string
  readonly method: 'GET' | 'PUT'
  readonly form: readonly FormField[]
  /** Where an answer tells the circuit something else than most. */
  readonly judge?: HttpRequest['judge']
}

export type WorkbooksReply = {
  readonly body: Members
  /** Our clock when the request that got this answer was sent. */
  readonly sentAt: number
}

/** One sessionless request in the form of Workbooks' own PHP client; resolves with whatever answer. */
export function makeWorkbooksAsk({ apiUrl, apiKey, version, http, now, noteClock }: Deps) {
  const root = apiUrl.replace(/\/+$/, '')

  return async (request: WorkbooksRequest, call: Call): Promise<HttpAnswer> => {
    const { controller, method, form } = request
    const fields: readonly FormField[] = [
      ['_method', method],
      ['client', 'api'],
      ['api_key', apiKey],
      ['_api_version', '1'],
      // Without it a misspelt column would be ignored, and a write lost in silence.
      ['_strict_attribute_checking', 'true'],
      ...form,
    ]
    const answer = await http(
      {
        ...toAsked(request),
        method: 'POST',
        url: `${root}/${controller}.api?_dc=${now()}`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          'user-agent': `workbooks-outreach-gateway/${version}`,
        },
        body: new URLSearchParams(
          fields.map(([name, value]): [string, string] => [name, value]),
        ).toString(),
        judge: request.judge ?? judgeWorkbooksAnswer,
      },
      call,
    )
    const offsetMs = toClockOffset(answer)
    if (offsetMs !== undefined) noteClock?.(offsetMs)
    return answer
  }
}

/** As `makeWorkbooksAsk`; resolves with a 2xx JSON object, throws a `CallError` for anything else. */
export function makeWorkbooksCall(ask: ReturnType<typeof makeWorkbooksAsk>) {
  return async (request: WorkbooksRequest, call: Call): Promise<WorkbooksReply> => {
    const answer = await ask(request, call)
    if (isGood(answer)) return { body: toMembers(answer.json), sentAt: answer.sentAt }
    throw toWorkbooksError(answer, toAsked(request))
  }
}

function toAsked({ method, controller }: WorkbooksRequest) {
  const effect = method === 'GET' ? ('read' as const) : ('write' as const)
  return { what: `${method} ${controller}`, effect }
}

export type WorkbooksCall = ReturnType<typeof makeWorkbooksCall>
export type WorkbooksCallDeps = Deps

import type { Call } from '../call.ts'
import type { HttpCall } from '../http/http-call.ts'
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
}

export type WorkbooksRequest = {
  readonly controller: string
  readonly method: 'GET' | 'PUT'
  readonly form: readonly FormField[]
}

export type WorkbooksReply = {
  readonly body: Members
  /** Our clock when the request that got this answer was sent. */
  readonly sentAt: number
}

/** One sessionless request in the form of Workbooks' own PHP client; resolves with a 2xx JSON object. */
export function makeWorkbooksCall({ apiUrl, apiKey, version, http, now }: Deps) {
  const root = apiUrl.replace(/\/+$/, '')

  return async (request: WorkbooksRequest, call: Call): Promise<WorkbooksReply> => {
    const { controller, method, form } = request
    const effect = method === 'GET' ? 'read' : 'write'
    const what = `${method} ${controller}`
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
        what,
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
        effect,
        judge: judgeWorkbooksAnswer,
      },
      call,
    )
    if (isGood(answer)) return { body: toMembers(answer.json), sentAt: answer.sentAt }
    throw toWorkbooksError(answer, { what, effect })
  }
}

export type WorkbooksCall = ReturnType<typeof makeWorkbooksCall>
export type WorkbooksCallDeps = Deps

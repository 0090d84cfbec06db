import type { Call, Found } from '../call.ts'
import { CallFailed, RecordGone, Refused, UnknownAnswer } from '../errors.ts'
import type { CallingGate } from '../gate/calling-gate.ts'
import type { HttpAnswer, HttpCall } from '../http/http-call.ts'
import { toMembers, toText } from '../http/to-members.ts'
import type { AccessTokens } from './access-tokens.ts'
import { makeOutreachCall, type OutreachRequest } from './make-outreach-call.ts'
import type {
  OutreachClient,
  OutreachPage,
  OutreachQuery,
  OutreachRecord,
} from './outreach-client.ts'
import { toOutreachBody, toOutreachRecord } from './to-outreach-record.ts'
import { toApiUrl, toListQuery, toPlural } from './to-outreach-url.ts'

type Deps = {
  /** `OUTREACH_API_URL`. */
  readonly apiUrl: string
  readonly http: HttpCall
  readonly gate: Pick<CallingGate, 'noteBudget'>
  readonly tokens: AccessTokens
}

type Record = { readonly type: string; readonly id: string }

const idsPerCall = 100

export function makeOutreachClient(deps: Deps): OutreachClient {
  const { outreachCall, clockOffsetMs } = makeOutreachCall(deps)
  const urlOf = (type: string, rest = '') =>
    toApiUrl(deps.apiUrl, `/api/v2/${toPlural(type)}${rest}`)
  const urlOfRecord = ({ type, id }: Record, rest = '') =>
    urlOf(type, `/${encodeURIComponent(id)}${rest}`)

  async function page(type: string, query: OutreachQuery, call: Call): Promise<OutreachPage> {
    const url = query.next === undefined ? `${urlOf(type)}?${toListQuery(query)}` : ours(query.next)
    const what = `GET ${type} list`
    const answer = await outreachCall({ what, method: 'GET', url, effect: 'read' }, call)
    const { data, links, meta } = toMembers(answer.json)
    if (!Array.isArray(data)) throw notAsDocumented(what, answer)
    const records = data.flatMap((item) => toOutreachRecord(item, answer.sentAt) ?? [])
    const next = toText(toMembers(links)['next'])
    const { count } = toMembers(meta)
    return {
      records,
      next: next === '' ? undefined : next,
      ...(typeof count === 'number' ? { count } : {}),
    }
  }

  /** The same path on our own origin: the token goes nowhere else, whatever a link says. */
  function ours(link: string): string {
    const own = new URL(urlOf('account'))
    const { pathname, search } = new URL(link, own)
    return new URL(`${pathname}${search}`, own.origin).href
  }

  async function search(type: string, query: OutreachQuery, call: Call) {
    const records: OutreachRecord[] = []
    const seen = new Set<string>()
    for (let next = query.next; ;) {
      const found = await page(type, { ...query, ...(next === undefined ? {} : { next }) }, call)
      records.push(...found.records)
      next = found.next
      if (next === undefined) return records
      if (seen.has(next)) {
        const message = `outreach: GET ${type} list never ends: a page leads back to itself`
        throw new CallFailed(message, { system: 'outreach', status: 200 })
      }
      seen.add(next)
    }
  }

  async function readOne(record: Record, call: Call): Promise<Found<OutreachRecord>> {
    const what = `GET ${record.type}`
    const request = { what, method: 'GET', url: urlOfRecord(record), effect: 'read' } as const
    try {
      const answer = await outreachCall({ ...request, record }, call)
      const found = toOutreachRecord(toMembers(answer.json)['data'], answer.sentAt)
      if (found?.id !== record.id) throw notAsDocumented(what, answer)
      return { kind: 'here', record: found }
    } catch (error) {
      if (error instanceof RecordGone) return { kind: 'gone' }
      // A right that is missing hides this one record; it proves nothing (rulebook 10).
      if (error instanceof Refused) return { kind: 'unseen' }
      throw error
    }
  }

  async function readList(type: string, filter: { readonly [key: string]: string }, call: Call) {
    const { records } = await page(type, { filter, size: idsPerCall }, call)
    return records
  }

  async function readMany(type: string, ids: readonly string[], call: Call) {
    const found = new Map<string, Found<OutreachRecord>>()
    const missing = () => asked.filter((id) => !found.has(id))
    const take = (records: readonly OutreachRecord[]) => {
      // A filter that is ignored must not show strangers.
      for (const record of records) {
        if (isAsked.has(record.id)) found.set(record.id, { kind: 'here', record })
      }
    }
    const asked = [...new Set(ids)]
    const isAsked = new Set(asked)

    // For one id a GET costs the same call, and tells the truth about a record in no list.
    if (asked.length > 1) {
      const lists = chunksOf(asked).map((some) => readList(type, { id: some.join(',') }, call))
      take((await Promise.all(lists)).flat())
    }
    if (type === 'account' && missing().length > 1) {
      // Unnamed accounts are in no list that does not ask for them (outreach-api 3.4).
      const lists = chunksOf(missing()).map((some) =>
        readList(type, { id: some.join(','), named: 'false' }, call),
      )
      take((await Promise.all(lists)).flat())
    }
    await Promise.all(missing().map(async (id) => found.set(id, await readOne({ type, id }, call))))
    return found
  }

  async function write(request: OutreachRequest, call: Call): Promise<OutreachRecord> {
    const answer = await outreachCall(request, call)
    const record = toOutreachRecord(toMembers(answer.json)['data'], answer.sentAt)
    if (record !== undefined) return record
    throw new UnknownAnswer(
      `outreach: ${request.what} was answered ${answer.status} without the record`,
      { system: 'outreach', status: answer.status },
    )
  }

  return {
    readMany,
    page,
    search,
    create: (type, values, { notAfter, ...call }) => {
      const what = `POST ${type}`
      const body = toOutreachBody({ type }, values)
      const request = { what, method: 'POST', url: urlOf(type), effect: 'write', body } as const
      return write({ ...request, ...toDeadline(notAfter) }, call)
    },
    update: (record, values, { notAfter, ...call }) => {
      const what = `PATCH ${record.type}`
      const url = urlOfRecord(record)
      const body = toOutreachBody(record, values)
      return write({ what, method: 'PATCH', url, effect: 'patch', body, record, notAfter }, call)
    },
    remove: async (record, { notAfter, ...call }) => {
      const url = urlOfRecord(record)
      const what = `DELETE ${record.type}`
      const request = { what, method: 'DELETE', url, effect: 'write', record } as const
      await outreachCall({ ...request, ...toDeadline(notAfter) }, call)
    },
    act: async (record, { name, params = {} }, call) => {
      const query = new URLSearchParams(
        Object.entries(params).map(([key, value]): [string, string] => [
          `actionParams[${key}]`,
          value,
        ]),
      ).toString()
      const rest = `/actions/${encodeURIComponent(name)}${query === '' ? '' : `?${query}`}`
      const url = urlOfRecord(record, rest)
      const what = `POST ${record.type} ${name}`
      const answer = await outreachCall(
        { what, method: 'POST', url, effect: 'write', record },
        call,
      )
      return toOutreachRecord(toMembers(answer.json)['data'], answer.sentAt)
    },
    clockOffsetMs,
    isOAuth: deps.tokens.isOAuth,
  }
}

function toDeadline(notAfter: number | undefined) {
  return notAfter === undefined ? {} : { notAfter }
}

function notAsDocumented(what: string, { status }: HttpAnswer): CallFailed {
  const message = `outreach: ${what} was answered ${status} with something that is no record`
  return new CallFailed(message, { system: 'outreach', status })
}

function chunksOf(ids: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(ids.length / idsPerCall)
  return Array.from({ length: count }, (_, at) => ids.slice(at * idsPerCall, (at + 1) * idsPerCall))
}

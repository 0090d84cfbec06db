import type { SandboxClock } from '../outreach/sandbox-clock.ts'
import type { Calls } from './calls.ts'
import type { Deliveries } from './deliveries.ts'
import type { Faults } from './faults.ts'
import { isPersonKind, RefusedEdit } from './person.ts'
import { plainText } from './parameters.ts'
import type { Columns, Person } from './person.ts'

type Deps = {
  readonly person: Person
  readonly faults: Faults
  readonly calls: Calls
  readonly deliveries: Deliveries
  readonly clock: SandboxClock
}

export type ControlAnswer = { readonly status: number; readonly body: unknown }

export type ControlRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

const ok = (body: unknown, status = 200): ControlAnswer => ({ status, body })

const isColumns = (body: unknown): body is Columns =>
  typeof body === 'object' && body !== null && !Array.isArray(body)

/** `{columns: {...}}` or the columns themselves. */
const columnsOf = (body: unknown): Columns => {
  if (!isColumns(body)) throw new RefusedEdit('the body must be a JSON object of columns')
  return isColumns(body['columns']) ? body['columns'] : body
}

/** `?name=Acme`: the columns that a listed record must show. */
const isLike = (record: Columns, wanted: URLSearchParams): boolean =>
  [...wanted].every(([name, value]) => plainText(record[name]) === value)

/** What is typed at the sandbox by hand or by a test, not by the product: no key is asked for. */
export const makeServeControl = (deps: Deps): ((request: ControlRequest) => ControlAnswer) => {
  const { person, faults, calls, deliveries, clock } = deps

  const serveRecord = (kind: string, id: number, request: ControlRequest): ControlAnswer => {
    if (request.method === 'PATCH') return ok(person.update(kind, id, columnsOf(request.body)))
    if (request.method === 'DELETE') return ok(person.remove(kind, id))
    const found = person.read(kind, id)
    return found ? ok(found) : ok({ error: `there is no ${kind} ${id}` }, 404)
  }

  const serveKind = (kind: string, request: ControlRequest): ControlAnswer =>
    request.method === 'POST'
      ? ok(person.create(kind, columnsOf(request.body)), 201)
      : ok({ records: person.list(kind).filter((record) => isLike(record, request.query)) })

  const serveSight = (kind: string, id: number, verb: string): ControlAnswer => {
    person.hide(kind, id, verb === 'hide')
    return ok(person.read(kind, id))
  }

  const serveRecords = (request: ControlRequest): ControlAnswer | undefined => {
    const [kind = '', id, verb] = request.path.split('/')
    if (!isPersonKind(kind)) return undefined
    if (id === undefined) return serveKind(kind, request)
    if (verb === 'hide' || verb === 'show') return serveSight(kind, Number(id), verb)
    return serveRecord(kind, Number(id), request)
  }

  const serveFaults = (request: ControlRequest): ControlAnswer => {
    if (request.method === 'DELETE') faults.clear()
    if (request.method === 'PUT') {
      if (!isColumns(request.body)) return ok({ error: 'the body must be a JSON object' }, 422)
      // `set` looks at every name that it is given.
      faults.set(request.body)
    }
    return ok(faults.get())
  }

  const serveCalls = (request: ControlRequest): ControlAnswer => {
    if (request.method === 'DELETE') calls.reset()
    return ok({ counts: calls.counts(), log: calls.log() })
  }

  const serveDisorder = (request: ControlRequest): ControlAnswer => {
    if (request.method === 'PUT' && isColumns(request.body)) deliveries.setDisorder(request.body)
    return ok(deliveries.disorder())
  }

  const serveClock = (request: ControlRequest): ControlAnswer => {
    const wish = request.method === 'PUT' && isColumns(request.body) ? request.body : {}
    if (typeof wish['advanceMs'] === 'number') clock.advance(wish['advanceMs'])
    if (typeof wish['now'] === 'string') clock.set(Date.parse(wish['now']))
    return ok({ now: new Date(clock.now()).toISOString() })
  }

  const switchboard: Readonly<Record<string, (request: ControlRequest) => ControlAnswer>> = {
    faults: serveFaults,
    calls: serveCalls,
    clock: serveClock,
    'webhooks-switches': serveDisorder,
    deliveries: () => ok(deliveries.counts()),
  }

  const route = (request: ControlRequest): ControlAnswer => {
    const handle = switchboard[request.path]
    if (handle) return handle(request)
    return serveRecords(request) ?? ok({ error: `there is no /_sandbox/${request.path}` }, 404)
  }

  return (request) => {
    try {
      return route(request)
    } catch (error) {
      return ok({ error: error instanceof Error ? error.message : 'refused' }, 422)
    }
  }
}

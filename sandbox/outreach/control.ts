import { makeRouteError } from './api-error.ts'
import type { Calls } from './calls.ts'
import { toFaultSwitches, type Faults } from './faults.ts'
import { parseJson, toReply, type Reply, type SandboxRequest } from './http-message.ts'
import type { Person, PersonWish, SeenRecord } from './person.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Resource, Resources } from './resources.ts'
import type { SandboxClock } from './sandbox-clock.ts'
import type { SentDelivery } from './webhook-sender.ts'
import type { WebhookSwitches } from './webhook-switches.ts'
import { isMembers } from './write-validation.ts'

type Deps = {
  readonly resources: Resources
  readonly person: Person
  readonly faults: Faults
  readonly calls: Calls
  readonly clock: SandboxClock
  readonly rateLimit: RateLimit
  readonly switches: () => WebhookSwitches
  readonly changeSwitches: (change: Partial<WebhookSwitches>) => void
  readonly sent: () => readonly SentDelivery[]
  readonly issueSetupToken: (guid: string) => string
}

type Handle = (body: unknown, deps: Deps) => unknown

/** Answers everything under `/_sandbox`: a person's doings, faults and switches; it needs no token. */
export function makeControl(deps: Deps): (request: SandboxRequest) => Reply {
  return (request) => {
    const reply = toReply(() => {
      const [first = '', ...rest] = request.path.replace(/^\/_sandbox\//, '').split('/')
      const handle = rest.length === 0 ? switchboard[`${request.method} ${first}`] : undefined
      if (handle !== undefined) {
        return { status: 200, body: handle(parseJson(request.body), deps) }
      }
      const resource = deps.resources.byPlural(first)
      if (resource === undefined) throw makeRouteError()
      return answerForPerson(request, { resource, rest }, deps)
    })
    if (reply.body === undefined) return reply
    // For the eyes of whoever typed it.
    const body = `${JSON.stringify(reply.body, null, 2)}\n`
    return { ...reply, body, headers: { ...reply.headers, 'Content-Type': 'application/json' } }
  }
}

const switchboard: Readonly<Record<string, Handle>> = {
  'GET calls': (_, { calls }) => ({ counts: calls.counts(), log: calls.log() }),
  'DELETE calls': (_, { calls }) => {
    calls.reset()
    return { counts: {}, log: [] }
  },
  'GET faults': (_, { faults }) => faults.get(),
  'PUT faults': (body, { faults }) => {
    faults.set(toFaultSwitches(body))
    return faults.get()
  },
  'GET webhooks-switches': (_, { switches }) => switches(),
  'PUT webhooks-switches': (body, { switches, changeSwitches }) => {
    changeSwitches(toSameShape(switches(), body))
    return switches()
  },
  'GET rate-limit': (_, { rateLimit }) => rateLimit.settings(),
  'PUT rate-limit': (body, { rateLimit }) => {
    rateLimit.change(toSameShape(rateLimit.settings(), body))
    return rateLimit.settings()
  },
  'GET clock': (_, { clock }) => ({ now: new Date(clock.now()).toISOString() }),
  'PUT clock': (body, { clock }) => {
    const members = isMembers(body) ? body : {}
    if (typeof members['advanceMs'] === 'number') clock.advance(members['advanceMs'])
    if (typeof members['now'] === 'string') clock.set(Date.parse(members['now']))
    return { now: new Date(clock.now()).toISOString() }
  },
  'GET deliveries': (_, { sent }) => ({ deliveries: sent() }),
  'POST setup-tokens': (body, { issueSetupToken }) => ({
    setupToken: issueSetupToken(String(isMembers(body) ? body['guid'] : '')),
  }),
}

type Subject = { readonly resource: Resource; readonly rest: readonly string[] }

function answerForPerson(request: SandboxRequest, subject: Subject, deps: Deps): Reply {
  const { person } = deps
  const { type } = subject.resource
  const [idText, events, action] = subject.rest
  if (idText === undefined) return answerForAll(request, type, person)
  const id = Number(idText)
  const isEvent = events === 'events' && request.method === 'POST'
  if (isEvent && action !== undefined) {
    person.announce(type, id, action)
    return { status: 204 }
  }
  const toBody = toShown(request)
  switch (request.method) {
    case 'GET': {
      const record = person.read(type, id)
      return record === undefined
        ? { status: 404, body: {} }
        : { status: 200, body: toBody(record) }
    }
    case 'PATCH':
      return { status: 200, body: toBody(person.update(type, id, toWish(request))) }
    case 'DELETE':
      if (request.query.get('trash') === 'true') {
        return { status: 200, body: toBody(person.trash(type, id)) }
      }
      person.remove(type, id)
      return { status: 204 }
    default:
      throw makeRouteError()
  }
}

function answerForAll(request: SandboxRequest, type: string, person: Person): Reply {
  const toBody = toShown(request)
  if (request.method === 'POST') {
    return { status: 201, body: toBody(person.create(type, toWish(request))) }
  }
  if (request.method !== 'GET') throw makeRouteError()
  const records = person.list(type).filter((record) => isLike(record, request.query))
  return { status: 200, body: { records: records.map(toBody) } }
}

function toWish(request: SandboxRequest): PersonWish {
  const body = parseJson(request.body)
  return isMembers(body) ? body : {}
}

function toShown(request: SandboxRequest): (record: SeenRecord) => SeenRecord {
  return request.query.has('all') ? (record) => record : toFilled
}

/** Without the two hundred members that are empty; `?all` shows them. */
function toFilled(record: SeenRecord): SeenRecord {
  const isFilled = ([, value]: readonly [string, unknown]) =>
    value !== null && !(Array.isArray(value) && value.length === 0)
  return {
    ...record,
    attributes: Object.fromEntries(Object.entries(record.attributes).filter(isFilled)),
    links: Object.fromEntries(Object.entries(record.links).filter(isFilled)),
  }
}

function isLike(record: SeenRecord, wanted: URLSearchParams): boolean {
  return [...wanted].every(
    ([name, value]) => name === 'all' || toText(record.attributes[name]) === value,
  )
}

/** Of what was sent, the members that the settings know and that have their type. */
function toSameShape<Settings extends object>(
  settings: Settings,
  body: unknown,
): Partial<Settings> {
  const known = new Map(Object.entries(settings).map(([name, value]) => [name, typeof value]))
  const members = isMembers(body) ? Object.entries(body) : []
  const fitting = members.filter(([name, value]) => known.get(name) === typeof value)
  // Each kept member bears a name and a type of the settings themselves.
  return Object.fromEntries(fitting) as Partial<Settings>
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

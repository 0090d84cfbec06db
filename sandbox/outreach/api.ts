import {
  mustAllowS2s,
  mustHaveScope,
  type AccessToken,
  type AccessTokens,
} from './access-tokens.ts'
import {
  makeForbiddenError,
  makeMediaTypeError,
  makeNotFoundError,
  makeRouteError,
} from './api-error.ts'
import { toApiRoute, type ApiRoute } from './api-route.ts'
import type { FilterRules } from './filters.ts'
import { parseJson, toReply, type Reply, type SandboxRequest } from './http-message.ts'
import { makeListRows } from './list-rows.ts'
import { toPage } from './paging.ts'
import { toQuery, type Query } from './query.ts'
import type { RateLimit } from './rate-limit.ts'
import { applyAction, mustHaveParams } from './record-actions.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { RecordView } from './record-view.ts'
import type { Actor } from './record-consequences.ts'
import type { RecordWriter } from './record-writer.ts'
import type { Resource, Resources } from './resources.ts'
import type { Serialiser } from './serialise.ts'
import { isMembers, toApiWish, type WishCheck } from './write-validation.ts'

export type ApiRules = FilterRules & {
  /** 422 for unknown and read-only members; off: they are passed over (not documented). */
  readonly refusesUnknownAttributes: boolean
  readonly listsShowTrashed: boolean
  /** On: GETs too need the content type, as documented; real ones did without (outreach-api 3.1). */
  readonly wantsContentTypeOnReads: boolean
}

type Deps = {
  readonly store: RecordStore
  readonly resources: Resources
  readonly view: RecordView
  readonly writer: RecordWriter
  readonly serialiser: Serialiser
  readonly tokens: AccessTokens
  readonly rateLimit: RateLimit
  readonly rules: ApiRules
  readonly now: () => number
  readonly baseUrl: () => string
  /** What `GET /api/v2/types` says of custom fields. */
  readonly customFields: Readonly<Record<string, unknown>>
}

type Serving = Deps & { readonly listRows: ReturnType<typeof makeListRows> }

type Call = {
  readonly route: ApiRoute
  readonly query: Query
  readonly request: SandboxRequest
  readonly token: AccessToken
  readonly actor: Actor
}

/** Answers everything under `/api/v2`, with the checks in the order of outreach-api 9.2. */
export function makeApi(deps: Deps): (request: SandboxRequest) => Reply {
  const { tokens, rateLimit } = deps
  const serving: Serving = { ...deps, listRows: makeListRows(deps) }
  return (request) => {
    let user = 'nobody'
    const reply = toReply(() => {
      if (isCleanup(request)) return cleanUp(request, deps)
      const token = tokens.authenticate(request.authorization)
      user = String(token.userId ?? token.app)
      mustBeJsonApi(request, deps.rules)
      return answer({ request, token, takeBudget: () => rateLimit.take(user) }, serving)
    })
    return { ...reply, headers: { ...rateLimit.headers(user), ...reply.headers } }
  }
}

type Admitted = Pick<Call, 'request' | 'token'> & { readonly takeBudget: () => void }

function answer({ request, token, takeBudget }: Admitted, deps: Serving): Reply {
  const path = request.path.replace(/\/$/, '')
  if (request.method === 'GET' && path === '/api/v2') {
    takeBudget()
    return { status: 200, body: toIdentity(token, deps) }
  }
  if (request.method === 'GET' && path === '/api/v2/types') {
    mustAllowS2s(token, false)
    takeBudget()
    return { status: 200, body: toTypes(deps.customFields) }
  }
  const route = toApiRoute(request.method, request.path, deps.resources)
  if (route === undefined) throw makeRouteError()
  const query = toQuery(request.query)
  mustHaveScope(token, route.resource.plural, route.scopeLevel)
  for (const type of deps.serialiser.includedTypes(route.resource, query.include)) {
    const included = deps.resources.byType(type)
    if (included !== undefined) mustHaveScope(token, included.plural, 'read')
  }
  mustAllowS2s(token, route.operation.s2s)
  mustBeActive(token, deps.store)
  takeBudget()
  const actor: Actor = { userId: token.userId, through: 'api' }
  return handlers[route.verb]({ route, query, request, token, actor }, deps)
}

const handlers: Readonly<Record<ApiRoute['verb'], (call: Call, deps: Serving) => Reply>> = {
  list: ({ route, query, token }, deps) => {
    const { resource } = route
    const { rows, sorting } = deps.listRows(resource, query)
    const page = toPage(rows, query.page, sorting)
    const shown = { resource, query, total: rows.length }
    return { status: 200, body: deps.serialiser.toMany(page, shown, token) }
  },
  get: (call, deps) => toOne(findRow(call.route, deps.store), call, deps),
  create: (call, deps) => {
    const { resource } = call.route
    const target = { body: parseJson(call.request.body), id: undefined }
    const wish = toApiWish(resource, target, toCheck(deps.rules))
    return toOne(deps.writer.create(resource.type, wish, call.actor), call, deps)
  },
  update: (call, deps) => {
    const { resource, id } = call.route
    const target = { body: parseJson(call.request.body), id: Number(id) }
    const wish = toApiWish(resource, target, toCheck(deps.rules))
    const row = findRow(call.route, deps.store)
    return toOne(deps.writer.update(row, wish, call.actor), call, deps)
  },
  delete: ({ route, actor }, deps) => {
    deps.writer.remove(findRow(route, deps.store), actor)
    return { status: 204 }
  },
  act: (call, deps) => {
    const { route, query, actor } = call
    mustHaveParams(route.operation, query.actionParams)
    const row = findRow(route, deps.store)
    const after = applyAction(route.action, { row, params: query.actionParams, actor }, deps)
    return toOne(after, call, deps)
  },
}

function toOne(row: Row, { query, token, route }: Call, deps: Deps): Reply {
  const status = route.verb === 'create' ? 201 : 200
  // Writes do not include since 2023 (outreach-api 3.1).
  const shown = route.verb === 'get' ? query : { ...query, include: [] }
  return { status, body: deps.serialiser.toOne(row, shown, token) }
}

function toCheck(rules: ApiRules): WishCheck {
  return { mayWriteAll: false, refusesUnknown: rules.refusesUnknownAttributes }
}

function findRow({ resource, id = '' }: ApiRoute, store: RecordStore): Row {
  const row = store.find(resource.type, Number(id))
  if (row === undefined) throw makeNotFoundError(resource.type, id)
  return row
}

function mustBeJsonApi(request: SandboxRequest, rules: ApiRules): void {
  if (request.method === 'GET' && !rules.wantsContentTypeOnReads) return
  if (request.contentType !== 'application/vnd.api+json') throw makeMediaTypeError()
}

function mustBeActive(token: AccessToken, store: RecordStore): void {
  const user = token.userId === null ? undefined : store.find('user', token.userId)
  if (user?.attributes['locked'] === true) throw makeForbiddenError()
}

function toIdentity(token: AccessToken, { store, baseUrl }: Deps) {
  const user = token.userId === null ? undefined : store.find('user', token.userId)
  const { email, firstName, lastName } = user?.attributes ?? {}
  return {
    meta: {
      user: user === undefined ? null : { id: user.id, email, firstName, lastName },
      instanceUrl: baseUrl(),
    },
  }
}

function toTypes(customFields: Deps['customFields']) {
  const types: readonly Resource['type'][] = ['account', 'opportunity', 'prospect']
  return {
    data: types.map((type) => ({ type, meta: { validations: customFields[type] ?? {} } })),
  }
}

function isCleanup({ method, path }: SandboxRequest): boolean {
  return method === 'POST' && path === '/api/v2/webhooks/cleanup'
}

/** Removes the webhook of a clean-up token, which needs no grant (outreach-api 1.11). */
function cleanUp(request: SandboxRequest, { store, writer }: Deps): Reply {
  const body = parseJson(request.body)
  const given = isMembers(body) ? (body['cleanupToken'] ?? body['cleanup_token']) : undefined
  const row = [...store.all('webhook')].find(
    ({ attributes }) => attributes['cleanupToken'] === given,
  )
  if (row === undefined) throw makeNotFoundError('webhook', '')
  writer.remove(row, { userId: null, through: 'api' })
  return { status: 204 }
}

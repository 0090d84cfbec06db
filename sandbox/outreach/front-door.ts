import { makeRouteError } from './api-error.ts'
import { toReply, type Reply, type SandboxRequest } from './http-message.ts'
import type { OAuth } from './oauth.ts'
import type { S2s } from './s2s.ts'

type Deps = {
  readonly api: (request: SandboxRequest) => Reply
  readonly oauth: OAuth
  readonly s2s: S2s
  readonly idOf: (username: string | undefined) => number | null
}

const json = { 'Content-Type': 'application/json' }

/** Leads each request to the REST interface, to OAuth or to the app's install actions. */
export function makeFrontDoor({ api, oauth, s2s, idOf }: Deps) {
  return (request: SandboxRequest): Reply => {
    const { method, path, query } = request
    if (/^\/api\/v2(\/|$)/.test(path)) return api(request)
    return toReply(() => {
      if (method === 'POST' && path === '/oauth/token') {
        const body = oauth.token(new URLSearchParams(request.body))
        return { status: 200, headers: json, body }
      }
      if (method === 'GET' && path === '/oauth/authorize') {
        const userId = idOf(query.get('user') ?? undefined) ?? 0
        return { status: 302, headers: { Location: oauth.authorize(query, userId) } }
      }
      const [, id, action] = /^\/api\/app\/installs\/([^/]+)\/actions\/([^/]+)$/.exec(path) ?? []
      if (method !== 'POST' || id === undefined || action === undefined) throw makeRouteError()
      return { status: 200, body: s2s.act(id, action, request.authorization) }
    })
  }
}

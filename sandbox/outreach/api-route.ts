import type { Operation, Resource, Resources } from './resources.ts'

export type ApiRoute = {
  readonly resource: Resource
  readonly verb: 'list' | 'create' | 'get' | 'update' | 'delete' | 'act'
  readonly operation: Operation
  /** As it was written in the address; absent for a list and a create. */
  readonly id: string | undefined
  readonly action: string
  readonly scopeLevel: 'read' | 'write' | 'delete'
}

const collectionVerbs = { GET: 'list', POST: 'create' } as const
const recordVerbs = { GET: 'get', PATCH: 'update', DELETE: 'delete' } as const

const scopeLevels = {
  list: 'read',
  get: 'read',
  create: 'write',
  update: 'write',
  act: 'write',
  delete: 'delete',
} as const

/** The operation behind `/api/v2/...`; a verb that the resource lacks is no route at all (outreach-api 9.1). */
export function toApiRoute(
  method: string,
  path: string,
  resources: Resources,
): ApiRoute | undefined {
  const [plural = '', id, actions, action = '', ...rest] = path
    .replace(/^\/api\/v2\//, '')
    .replace(/\/$/, '')
    .split('/')
  const resource = resources.byPlural(plural)
  if (resource === undefined || rest.length > 0) return undefined
  const verb = toVerb(method, { hasId: id !== undefined, isAction: actions === 'actions' })
  if (verb === undefined || (actions !== undefined && verb !== 'act')) return undefined
  const operation = verb === 'act' ? resource.actions.get(action) : resource.operations.get(verb)
  if (operation === undefined) return undefined
  return { resource, verb, operation, id, action, scopeLevel: scopeLevels[verb] }
}

function toVerb(
  method: string,
  { hasId, isAction }: { readonly hasId: boolean; readonly isAction: boolean },
): ApiRoute['verb'] | undefined {
  if (isAction) return method === 'POST' ? 'act' : undefined
  const verbs: Readonly<Record<string, ApiRoute['verb']>> = hasId ? recordVerbs : collectionVerbs
  return verbs[method]
}

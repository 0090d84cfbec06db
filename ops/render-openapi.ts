import type { Verb } from './verb.ts'

type Described = Pick<Verb<never>, 'name' | 'says' | 'scope' | 'http' | 'commandLine' | 'follow'>

const problem = {
  description: 'What was wrong, and what to do instead',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

const sendersPort = {
  url: 'http://127.0.0.1:{port}',
  description: 'PORT: where deliveries come in',
  variables: { port: { default: '3000' } },
}

const operatorsPort = {
  url: 'http://127.0.0.1:{port}',
  description: 'OPS_PORT: for operators and probes',
  variables: { port: { default: '3001' } },
}

const okay = { type: 'object', required: ['ok'], properties: { ok: { const: true } } }

/** What can be asked of this product over HTTP, as OpenAPI 3.1, made from the table of verbs (product 4, 6). */
export function renderOpenApi(version: string, verbs: readonly Described[]): unknown {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Workbooks - Outreach event gateway',
      version,
      description:
        'The deliveries (/webhooks/...) are taken on PORT; all else is answered on OPS_PORT, or on PORT too where OPS_PORT is 0. Another method at a path that stands here: 405 with Allow. Another path: 404; under /ops, without a valid token: 401.',
    },
    servers: [operatorsPort],
    paths: {
      '/webhooks/outreach': {
        servers: [sendersPort],
        post: toDoor('Outreach-Webhook-Signature over the raw bytes'),
      },
      '/webhooks/workbooks': {
        servers: [sendersPort],
        post: toDoor('Authorization: Bearer <JWT>, or X-Workbooks-Signature over the raw bytes'),
      },
      ...toPaths(verbs),
      '/livez': {
        servers: [operatorsPort, sendersPort],
        get: toProbe('The process lives', { 'application/json': { schema: okay } }),
      },
      '/readyz': {
        servers: [operatorsPort, sendersPort],
        get: toProbe('Deliveries can be kept', { 'application/json': { schema: okay } }, 503),
      },
      '/metrics': { get: toProbe('Prometheus text', { 'text/plain': {} }) },
      '/openapi.json': { get: toProbe('This document', { 'application/json': {} }) },
      '/asyncapi.json': { get: toProbe('What stands on each topic', { 'application/json': {} }) },
    },
    components: {
      securitySchemes: { operator: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: {
        Problem: {
          type: 'object',
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
          },
        },
      },
    },
  }
}

/** As OpenAPI writes a path: `/ops/backfills/{id}`. */
export function toOpenApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

/** Several verbs may share a path, each with a method of its own. */
function toPaths(verbs: readonly Described[]) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const verb of verbs) {
    const path = toOpenApiPath(verb.http.path)
    paths[path] = { ...paths[path], [verb.http.method.toLowerCase()]: toOperation(verb) }
  }
  return paths
}

function toOperation(verb: Described) {
  const { name, says, scope, http } = verb
  return {
    operationId: name.replaceAll(' ', '-'),
    summary: says,
    security: [{ operator: [scope] }],
    ...(http.method === 'POST'
      ? { requestBody: toBody(verb) }
      : { parameters: toParameters(verb) }),
    responses: {
      [http.status]: { description: 'Done' },
      ...problems(400, 401, 403, ...(http.path.includes('/:') ? [404] : [])),
      ...problems(...(http.method === 'POST' ? [413, 415] : []), 429, 500, 503),
    },
  }
}

/** Who follows may leave out the words: what came after the cursor is of all records then. */
function toParameters({ commandLine, follow, http }: Described) {
  const toParameter = (name: string, required: boolean, description?: string) => ({
    ...{ name, in: http.path.includes(`:${name}`) ? 'path' : 'query', required },
    schema: { type: 'string' },
    ...(description !== undefined && { description }),
  })
  const canFollow = follow !== undefined
  return [
    ...commandLine.words.map((word) =>
      canFollow
        ? toParameter(word, false, 'Required where there is no after')
        : toParameter(word, true),
    ),
    ...Object.keys(commandLine.options).map((option) => toParameter(option, false)),
    ...(canFollow
      ? [toParameter('after', false, 'The cursor of the answer before; now: from now on')]
      : []),
  ]
}

function toBody({ commandLine }: Described) {
  const options = Object.entries(commandLine.options).map(
    ([name, form]) => [name, { type: form === 'value' ? 'string' : 'boolean' }] as const,
  )
  const words = commandLine.words.map((name) => [name, { type: 'string' }] as const)
  const properties = Object.fromEntries([...words, ...options])
  const schema = { type: 'object', properties, required: commandLine.words }
  return { required: true, content: { 'application/json': { schema } } }
}

function toDoor(verifiedBy: string) {
  return {
    summary: `One delivery, verified by ${verifiedBy}`,
    responses: {
      200: {
        description: 'Kept where a crash cannot lose it',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['accepted', 'quarantined'],
              properties: { accepted: { type: 'integer' }, quarantined: { type: 'integer' } },
            },
          },
        },
      },
      ...problems(401, 413, 415, 429),
    },
  }
}

function toProbe(description: string, content: object, ...otherwise: readonly number[]) {
  return { responses: { 200: { description, content }, ...problems(...otherwise) } }
}

function problems(...statuses: readonly number[]) {
  return Object.fromEntries(statuses.map((status) => [status, problem]))
}

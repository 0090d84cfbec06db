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
      ...Object.fromEntries(
        verbs.map((verb) => [
          verb.http.path,
          { [verb.http.method.toLowerCase()]: toOperation(verb) },
        ]),
      ),
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

function toOperation(verb: Described) {
  const { name, says, scope, http } = verb
  return {
    operationId: name,
    summary: says,
    security: [{ operator: [scope] }],
    ...(http.method === 'GET' ? { parameters: toParameters(verb) } : { requestBody: toBody(verb) }),
    responses: {
      [http.status]: { description: 'Done' },
      ...problems(400, 401, 403, ...(http.method === 'GET' ? [] : [413, 415]), 429, 500, 503),
    },
  }
}

/** Who follows may leave out the words: what came after the cursor is of all records then. */
function toParameters({ commandLine, follow }: Described) {
  const toParameter = (name: string, required: boolean, description?: string) => ({
    ...{ name, in: 'query', required, schema: { type: 'string' } },
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
  const members = [...commandLine.words, ...Object.keys(commandLine.options)]
  const properties = Object.fromEntries(members.map((member) => [member, { type: 'string' }]))
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

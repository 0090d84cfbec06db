import type { Verb } from './verb.ts'

type Described = Pick<Verb<never>, 'name' | 'says' | 'scope' | 'http' | 'commandLine'>

const problem = {
  description: 'What was wrong, and what to do instead',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** What can be asked of this product over HTTP, as OpenAPI 3.1, made from the table of verbs (product 4, 6). */
export function renderOpenApi(version: string, verbs: readonly Described[]): unknown {
  return {
    openapi: '3.1.0',
    info: { title: 'Workbooks - Outreach event gateway', version },
    paths: {
      '/webhooks/outreach': { post: toDoor('Outreach-Webhook-Signature over the raw bytes') },
      '/webhooks/workbooks': {
        post: toDoor('Authorization: Bearer <JWT>, or X-Workbooks-Signature over the raw bytes'),
      },
      ...Object.fromEntries(
        verbs.map((verb) => [
          verb.http.path,
          { [verb.http.method.toLowerCase()]: toOperation(verb) },
        ]),
      ),
      '/livez': { get: toProbe('200 while the process lives') },
      '/readyz': { get: toProbe('200 while deliveries can be kept, else 503 with the reason') },
      '/metrics': { get: toProbe('Prometheus text') },
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

function toOperation({ name, says, scope, http, commandLine }: Described) {
  const members = [...commandLine.words, ...Object.keys(commandLine.options)]
  const asked =
    http.method === 'GET'
      ? {
          parameters: members.map((member) => ({
            name: member,
            in: 'query',
            schema: { type: 'string' },
          })),
        }
      : {
          requestBody: {
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: Object.fromEntries(
                    members.map((member) => [member, { type: 'string' }]),
                  ),
                },
              },
            },
          },
        }
  return {
    operationId: name,
    summary: says,
    security: [{ operator: [scope] }],
    ...asked,
    responses: { [http.status]: { description: 'Done' }, 400: problem, 401: problem, 403: problem },
  }
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
      401: problem,
      413: problem,
      415: problem,
      429: problem,
    },
  }
}

function toProbe(description: string) {
  return { responses: { 200: { description } } }
}

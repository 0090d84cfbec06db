import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { retryOf } from '../runtime/errors.ts'
import { makeMustBeOperator, operatorOf } from './must-be-operator.ts'
import { answerProblem } from './problem.ts'
import { renderAsyncApi } from './render-asyncapi.ts'
import { renderOpenApi } from './render-openapi.ts'
import type { Members, Verb } from './verb.ts'
import { verbs, type VerbDeps } from './verbs.ts'
import { makeVerifyToken, type OpsKeys } from './verify-token.ts'

export type OpsServerDeps = VerbDeps & {
  readonly keys: OpsKeys
  /** Of the product. */
  readonly version: string
  readonly metrics: { readonly contentType: string; readonly text: () => Promise<string> }
  /** Why deliveries should not be sent to this process; empty: ready. */
  readonly notReady: () => Promise<readonly string[]>
  readonly signals: {
    readonly opsAsked: (facts: {
      readonly verb: string
      readonly by: string
      readonly result: 'done' | 'refused' | 'failed'
    }) => void
    readonly opsFailed: (facts: { readonly path: string; readonly error: unknown }) => void
  }
  readonly failuresPerMinute?: number
}

const bodyLimit = '64kb'

const methods = { GET: 'get', POST: 'post', DELETE: 'delete' } as const

/** What operators and probes ask: `/livez`, `/readyz`, `/metrics`, and every verb under `/ops`. */
export function makeOpsServer(deps: OpsServerDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })

  const verify = makeVerifyToken(deps.keys, deps.now)
  const mustBe = makeMustBeOperator({ verify, failuresPerMinute: deps.failuresPerMinute ?? 30 })
  // Nobody learns what is here without a token, not even from a 404 or 405.
  app.use('/ops', mustBe())
  for (const verb of verbs) {
    const steps = [mustBe(verb.scope), ...bodyOf(verb), handlerOf(verb, deps)]
    app[methods[verb.http.method]](verb.http.path, ...steps)
  }
  addProbes(app, deps)
  addLastAnswers(app, deps)
  return app
}

function bodyOf({ http }: Verb<VerbDeps>): readonly RequestHandler[] {
  if (http.method !== 'POST') return []
  const mustBeJson: RequestHandler = (request, response, next) => {
    if (request.is(['application/json', 'application/*+json']) === false) {
      answerProblem(response, 415, 'The Content-Type must be application/json')
    } else next()
  }
  return [mustBeJson, express.json({ limit: bodyLimit, type: () => true })]
}

function handlerOf(verb: Verb<VerbDeps>, deps: OpsServerDeps): RequestHandler {
  return async (request, response) => {
    const by = operatorOf(response)
    const members = membersOf(request, verb)
    if (members === undefined) {
      answerProblem(response, 400, 'The body must be a JSON object')
      return
    }
    try {
      const ran = await verb.run(deps, members, by)
      deps.signals.opsAsked({ verb: verb.name, by, result: ran.kind })
      if (ran.kind === 'refused') answerProblem(response, ran.status ?? 400, ran.sentence)
      else response.status(verb.http.status).json(ran.answer)
    } catch (error) {
      deps.signals.opsAsked({ verb: verb.name, by, result: 'failed' })
      throw error
    }
  }
}

function membersOf(request: Request, { http }: Verb<VerbDeps>): Members | undefined {
  const members: unknown = http.method === 'POST' ? (request.body ?? {}) : request.query
  if (typeof members !== 'object' || members === null || Array.isArray(members)) return undefined
  return { ...members, ...request.params }
}

function addProbes(app: Express, { metrics, notReady, version }: OpsServerDeps): void {
  app.get('/livez', (_, response) => void response.json({ ok: true }))
  app.get('/readyz', async (_, response) => {
    const reasons = await notReady()
    if (reasons.length === 0) response.json({ ok: true })
    else answerProblem(response, 503, reasons.join(' '))
  })
  // Both are made from what the product itself uses, so they cannot say otherwise.
  const asyncApi = renderAsyncApi(version)
  const openApi = renderOpenApi(version, verbs)
  app.get('/asyncapi.json', (_, response) => void response.json(asyncApi))
  app.get('/openapi.json', (_, response) => void response.json(openApi))
  app.get('/metrics', async (_, response) => {
    const text = await metrics.text()
    response.set('Content-Type', metrics.contentType).send(text)
  })
}

function addLastAnswers(app: Express, { signals }: OpsServerDeps): void {
  const known = [
    ...verbs.map(({ http }) => http),
    ...['/livez', '/readyz', '/metrics', '/asyncapi.json', '/openapi.json'].map((path) => ({
      method: 'GET' as const,
      path,
    })),
  ]
  for (const path of new Set(known.map((each) => each.path))) {
    const methods = known.filter((each) => each.path === path).map((each) => each.method)
    app.all(path, (request, response) => {
      response.set('Allow', methods.join(', '))
      answerProblem(
        response,
        405,
        `${request.method} is not for ${path}: use ${methods.join(' or ')}`,
      )
    })
  }
  app.use((request, response) => {
    const paths = verbs.map(({ http }) => `${http.method} ${http.path}`).join(', ')
    answerProblem(response, 404, `There is no ${request.path.slice(0, 200)}; there are ${paths}`)
  })
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) next(error)
    else answerError(error, response, () => signals.opsFailed({ path: request.path, error }))
  }
  app.use(onError)
}

const bodySentences = new Map([
  [400, 'The address or the body is malformed: the body must be a JSON object'],
  [413, `The body is larger than ${bodyLimit}`],
  [415, 'The body has an encoding or a character set that is not understood'],
])

/** Express and its body parser put a status on what the sender did; all else is ours. */
function answerError(error: unknown, response: Response, tell: () => void): void {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  const sentence = bodySentences.get(status)
  if (sentence !== undefined) {
    answerProblem(response, status, sentence)
    return
  }
  tell()
  if (isTransient(error)) {
    answerProblem(response, 503, 'The state or the log is not there now: try again in a moment')
  } else answerProblem(response, 500, 'This failed on our side; the log says why')
}

/** What we foresaw and said to be tried again; the unforeseen is a fault to look at. */
function isTransient(error: unknown): boolean {
  return error instanceof Error && 'retry' in error && retryOf(error) === 'later'
}

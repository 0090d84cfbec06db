import { createServer, type IncomingMessage, type Server } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { Keep } from '../event-log/event-log.ts'
import { closeServer } from '../runtime/close-server.ts'
import type { DeliverySource } from './frame-delivery.ts'
import { makeTraceparents } from './make-traceparents.ts'
import { makeVerifySignature } from './outreach/verify-signature.ts'
import { sendProblem } from './problem.ts'
import type { BodyLimits } from './read-body.ts'
import {
  makeReceiveDelivery,
  type Receive,
  type ReceiveSignals,
  type Refusal,
} from './receive-delivery.ts'
import { makeRefuseDelivery } from './refuse-delivery.ts'
import { makeVerifyHook } from './workbooks/make-verify-hook.ts'
import { makeSingleUse } from './workbooks/single-use.ts'
import type { UsedTokens } from './workbooks/used-tokens.ts'

export type GatewaySignals = ReceiveSignals & {
  /** Not let in: forged, too large, not JSON. `why` is one of a few constant sentences. */
  readonly refused: (source: DeliverySource, why: string) => void
  /** A request that no rule here foresaw to fail. */
  readonly failed: (error: unknown) => void
}

export type GatewayDeps = {
  /** Framed deliveries go in; `gateway/prepare-deliveries.ts` understands them beside the disk. */
  readonly keep: Keep
  readonly ready: () => Promise<{ readonly ok: boolean; readonly why?: string }>
  readonly secrets: {
    readonly outreach: readonly string[]
    readonly workbooksWebhook: readonly string[]
    readonly workbooksHook: readonly string[]
  }
  readonly usedTokens: UsedTokens
  readonly now: () => number
  readonly randomBytes: (size: number) => Buffer
  readonly signals: GatewaySignals
  /** Answers what is not ours, e.g. the operator's pages on the same port. */
  readonly others?: RequestHandler
  readonly limits?: BodyLimits
}

export type Gateway = {
  /** Not listening yet. */
  readonly server: Server
  /** Takes nothing new, lets what is under way be answered, for `graceMs` (10 s) at most. */
  readonly close: (graceMs?: number) => Promise<void>
}

export const defaultBodyLimits: BodyLimits = { bytes: 1024 * 1024, timeMs: 10_000 }

const outreachPath = '/webhooks/outreach'
const workbooksPath = '/webhooks/workbooks'

/** The two doors, and what watches over them, behind one HTTP server. */
export function makeGateway(deps: GatewayDeps): Gateway {
  const { receiveOutreach, receiveWorkbooks } = makeDoors(deps)
  const refusals = makeRefuseDelivery(deps)
  /** Refused on the short way in; Express answers them. */
  const refusedEarly = new WeakMap<IncomingMessage, Refusal>()

  const app = makeApp()
  app.use((request, response, next) => {
    const refusal = refusedEarly.get(request)
    if (refusal === undefined) next()
    else refusals.refuse(refusal, request, response)
  })
  const toHandler =
    (receive: Receive): RequestHandler =>
    (request, response) =>
      receive(request, response, (refusal) => {
        refusals.refuse(refusal, request, response)
      })
  app.post(outreachPath, toHandler(receiveOutreach)).all(outreachPath, allowOnly('POST'))
  app.post(workbooksPath, toHandler(receiveWorkbooks)).all(workbooksPath, allowOnly('POST'))
  addHealth(app, deps)
  if (deps.others !== undefined) app.use(deps.others)
  app.use((_request, response) => {
    sendProblem(response, {
      status: 404,
      detail: 'Nothing is here; deliveries go to /webhooks/...',
    })
  })
  app.use(answerFailure(deps.signals))

  let isClosing = false
  const server = createServer((request, response) => {
    if (isClosing) response.setHeader('connection', 'close')
    // The hot route stays out of Express, which costs as much again as all that is done here.
    if (request.method !== 'POST' || request.url !== outreachPath) {
      app(request, response)
      return
    }
    void receiveOutreach(request, response, (refusal) => {
      refusedEarly.set(request, refusal)
      app(request, response)
    })
  })
  // Above what proxies in front keep idle connections for: they, not we, end them.
  server.keepAliveTimeout = 95_000
  server.headersTimeout = 100_000
  server.requestTimeout = 120_000

  return {
    server,
    close: async (graceMs = 10_000) => {
      isClosing = true
      await closeServer(server, graceMs)
      refusals.close()
    },
  }
}

function makeDoors(deps: GatewayDeps) {
  const { keep, now, secrets, signals, usedTokens, randomBytes } = deps
  const parts = {
    keep,
    now,
    signals,
    limits: deps.limits ?? defaultBodyLimits,
    toTraceparent: makeTraceparents({ randomBytes }),
  }
  return {
    receiveOutreach: makeReceiveDelivery(parts, {
      source: 'outreach',
      verify: makeVerifySignature(secrets.outreach),
    }),
    receiveWorkbooks: makeReceiveDelivery(parts, {
      source: 'workbooks',
      verify: makeVerifyHook({
        webhookSecrets: secrets.workbooksWebhook,
        hookSecrets: secrets.workbooksHook,
        now,
      }),
      singleUse: makeSingleUse(usedTokens),
    }),
  }
}

function makeApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  return app
}

function addHealth(app: Express, { ready }: Pick<GatewayDeps, 'ready'>): void {
  app
    .get('/livez', (_request, response) => void response.json({ ok: true }))
    .all('/livez', allowOnly('GET, HEAD'))
  app
    .get('/readyz', async (_request, response) => {
      const { ok, why = 'It cannot keep deliveries.' } = await ready()
      if (ok) response.json({ ok })
      else sendProblem(response, { status: 503, detail: why })
    })
    .all('/readyz', allowOnly('GET, HEAD'))
}

function allowOnly(methods: string): RequestHandler {
  return ({ method }, response) => {
    const detail = `${method} is not for this address; use ${methods}.`
    sendProblem(response, { status: 405, detail, headers: { allow: methods } })
  }
}

function answerFailure(signals: GatewaySignals): ErrorRequestHandler {
  // Express tells an error page by its four parameters, used or not.
  // eslint-disable-next-line max-params, @typescript-eslint/no-unused-vars
  return (error: unknown, _request, response, _next) => {
    const status = statusOf(error)
    if (status >= 500) signals.failed(error)
    if (response.headersSent) response.destroy()
    else sendProblem(response, { status, detail: 'The request could not be answered.' })
  }
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

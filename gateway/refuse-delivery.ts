import type { Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit'
import type { DeliverySource } from './frame-delivery.ts'
import { sendProblem } from './problem.ts'
import type { Refusal } from './receive-delivery.ts'
import { toCallerAddress } from './to-caller-address.ts'

type Deps = {
  readonly signals: { readonly refused: (source: DeliverySource, why: string) => void }
}

const windowMs = 60_000
const mostFailures = 30

/**
 * Answers who is not let in. Only failures are counted, and only who fails is ever asked to wait: a
 * verified sender never comes here, whatever its neighbours behind the same address do.
 */
export function makeRefuseDelivery({ signals }: Deps) {
  const store = new MemoryStore()
  const countFailure: RequestHandler = rateLimit({
    windowMs,
    limit: mostFailures,
    store,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Its advice goes to the console, where only our own lines belong.
    validate: false,
    keyGenerator: ({ socket, headers }) => {
      const address = toCallerAddress(socket.remoteAddress, headers['x-forwarded-for'])
      return address === undefined ? 'unknown' : ipKeyGenerator(address)
    },
    handler: (_request, response) => {
      const detail = `More than ${mostFailures} deliveries from this address failed verification within a minute; check the secret, and try again in a minute.`
      sendProblem(response, { status: 429, detail })
    },
  })

  return {
    refuse(refusal: Refusal, request: Request, response: Response): void {
      const { source, status, why, detail } = refusal
      signals.refused(source, why)
      if (status !== 401) {
        sendProblem(response, { status, detail })
        return
      }
      void countFailure(request, response, () => {
        sendProblem(response, { status, detail, headers: toChallenge(source) })
      })
    },
    close: () => {
      store.shutdown()
    },
  }
}

function toChallenge(source: DeliverySource): Readonly<Record<string, string>> {
  return source === 'workbooks'
    ? { 'www-authenticate': 'Bearer realm="workbooks change hook"' }
    : { 'www-authenticate': 'Outreach-Webhook-Signature' }
}

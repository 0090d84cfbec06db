import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Keep } from '../event-log/event-log.ts'
import { readAnswer, toAnswerBody } from './answer.ts'
import { findUnsupported } from './find-unsupported.ts'
import { frameDelivery, type DeliverySource } from './frame-delivery.ts'
import { readBody, type BodyLimits } from './read-body.ts'
import type { UsedOnce, Verdict } from './verdict.ts'
import type { SingleUse } from './workbooks/single-use.ts'

/** One way in: who sends here, and how they prove it. */
export type Door = {
  readonly source: DeliverySource
  readonly verify: (headers: IncomingHttpHeaders, body: Uint8Array) => Verdict
  /** Where proofs are tokens that work once. */
  readonly singleUse?: SingleUse
}

/** A delivery that is not let in. `why` is a constant sentence, `detail` goes to the sender. */
export type Refusal = {
  readonly source: DeliverySource
  readonly status: 401 | 413 | 415
  readonly why: string
  readonly detail: string
}

export type ReceiveSignals = {
  /** Verified, and its events survive a crash. */
  readonly kept: (source: DeliverySource, accepted: number, quarantined: number) => void
  /** One event was kept on `gateway.quarantine`. */
  readonly quarantined: (source: DeliverySource, code: string) => void
  /** Not even the spool took it: the sender's connection was reset. */
  readonly notKept: (source: DeliverySource, error: unknown) => void
}

type Deps = {
  readonly keep: Keep
  readonly limits: BodyLimits
  readonly toTraceparent: (given: unknown) => string
  readonly now: () => number
  readonly signals: ReceiveSignals
}

/** Takes one request, and ends it or hands it to `refuse`. Never rejects. */
export type Receive = (
  request: IncomingMessage,
  response: ServerResponse,
  refuse: (refusal: Refusal) => void,
) => Promise<void>

/** Answers only once the events survive a crash: what a sender counts as delivered must not be lost. */
export function makeReceiveDelivery(deps: Deps, { source, verify, singleUse }: Door): Receive {
  const { keep, limits, toTraceparent, now, signals } = deps

  return async (request, response, refuse) => {
    const unsupported = findUnsupported(request.headers)
    if (unsupported !== undefined) {
      refuse({ source, status: 415, why: 'unsupported media type', detail: unsupported })
      return
    }
    const read = await readBody(request, limits)
    if (read.kind === 'broken') return
    if (read.kind === 'too-large') {
      refuse({ source, status: 413, why: 'body too large', detail: tooLarge(limits) })
      return
    }
    const { body } = read
    const verdict = verify(request.headers, body)
    if (verdict.kind === 'forged') {
      refuse(unproven(source, verdict.why))
      return
    }
    const { token } = verdict
    const traceparent = toTraceparent(request.headers['traceparent'])
    const framed = frameDelivery({ source, receivedAt: now(), traceparent, body })
    try {
      if (token !== undefined && singleUse !== undefined && !(await singleUse.admit(token))) {
        refuse(unproven(source, 'the token was used before'))
        return
      }
      const answer = readAnswer(await keep(framed))
      await spend(singleUse, token)
      const text = toAnswerBody(answer)
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
      response.end(text)
      signals.kept(source, answer.accepted, answer.quarantined)
      for (const code of answer.codes) signals.quarantined(source, code)
    } catch (error) {
      // An error status would count as delivered (outreach-api 1.9): only a reset brings it again.
      if (token !== undefined) singleUse?.release(token)
      request.socket.resetAndDestroy()
      signals.notKept(source, error)
    }
  }
}

async function spend(singleUse: SingleUse | undefined, token: UsedOnce | undefined): Promise<void> {
  if (token !== undefined) await singleUse?.spend(token)
}

function tooLarge({ bytes }: BodyLimits): string {
  return `The body is larger than ${bytes} bytes; send fewer records at once.`
}

function unproven(source: DeliverySource, why: string): Refusal {
  const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}`
  return { source, status: 401, why, detail: `${sentence}; nothing of the body was looked at.` }
}

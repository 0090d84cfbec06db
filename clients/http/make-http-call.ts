import type { System } from '../../schemas/record-ref.ts'
import type { Call, Lane } from '../call.ts'
import { CallFailed, SystemAway, TooLate, UnknownAnswer, type CallError } from '../errors.ts'
import type { CallingGate } from '../gate/calling-gate.ts'
import type { Wait } from '../make-system-gate.ts'
import type { CallResult } from '../system-gate.ts'
import { decideHop, type Hop } from './decide-hop.ts'
import type { HttpAnswer, HttpCall, HttpRequest } from './http-call.ts'
import { makeSendOnce, type Fetch, type Sent } from './make-send-once.ts'

export type Called = {
  readonly system: System
  readonly lane: Lane
  readonly what: string
  /** 0 where no answer came. */
  readonly status: number
  readonly ms: number
}

type Deps = {
  readonly system: System
  readonly gate: CallingGate
  readonly now: () => number
  readonly wait: Wait
  /** One request was sent and ended; every hop of a redirect is one. */
  readonly signals: { readonly called: (call: Called) => void }
  readonly fetch?: Fetch
  /** For one request and its whole answer; 30 s by default. */
  readonly timeLimitMs?: number
  /** The largest answer that is read; 64 MiB by default. */
  readonly sizeLimitBytes?: number
}

/** What one call came to, and what the gate has to know of it. */
type Ended =
  | { readonly result: CallResult; readonly answer: HttpAnswer }
  | { readonly result: CallResult; readonly error: unknown }

export function makeHttpCall(deps: Deps): HttpCall {
  const { system, gate, now, wait, signals } = deps
  const sendOnce = makeSendOnce({
    // Named when it is called, so that whoever replaces the global one is heard.
    fetch: deps.fetch ?? ((url, init) => fetch(url, init)),
    now,
    timeLimitMs: deps.timeLimitMs ?? 30_000,
    sizeLimitBytes: deps.sizeLimitBytes ?? 64 * 1024 * 1024,
  })

  async function send(request: HttpRequest, url: string, call: Call): Promise<Sent> {
    const sent = await sendOneRequest(request, url, call)
    if (sent.kind !== 'lost' || !sent.isBroken || request.effect !== 'read') return sent
    // A kept-alive connection that the server closed as we sent: a read is simply asked again.
    gate.count(call.lane)
    return sendOneRequest(request, url, call)
  }

  async function sendOneRequest(request: HttpRequest, url: string, call: Call): Promise<Sent> {
    const startedAt = now()
    const sent = await sendOnce({ ...request, url }, call.signal)
    const status = sent.kind === 'answer' ? sent.answer.status : 0
    const ms = now() - startedAt
    signals.called({ system, lane: call.lane, what: request.what, status, ms })
    return sent
  }

  async function follow(request: HttpRequest, call: Call): Promise<Ended> {
    const startedAt = now()
    let url = request.url
    let endHold: (() => void) | undefined
    try {
      for (let hops = 0; ; hops += 1) {
        if (request.notAfter !== undefined && now() > request.notAfter) {
          return { result: { kind: 'no-verdict', wasSent: hops > 0 }, error: tooOld(request) }
        }
        const sent = await send(request, url, call)
        if (sent.kind !== 'answer') return toFailed(request, sent)
        const { answer } = sent

        const spentMs = now() - startedAt
        const hop = decideHop({ answer, asked: url, original: request.url, hops, spentMs })
        if (hop.kind === 'done') return { result: request.judge(answer), answer }
        if (hop.kind === 'give-up' || request.effect === 'patch') {
          return toDelayed(request, hop, answer.status)
        }
        endHold = hold(hop.waitMs, endHold)
        await wait(hop.waitMs, call.signal)
        gate.count(call.lane)
        url = hop.url
      }
    } catch (error) {
      // Only the wait of a redirect throws: the caller gave up, and nothing was carried out.
      return { result: { kind: 'no-verdict', wasSent: true }, error }
    } finally {
      endHold?.()
    }
  }

  /** All workers wait until the chain of redirects has ended, or until it plainly got stuck. */
  function hold(waitMs: number, endBefore: (() => void) | undefined): () => void {
    const until = now() + waitMs
    const why = 'it delays its callers by redirects'
    const end = gate.hold({ until, lapseAt: until + (deps.timeLimitMs ?? 30_000), why })
    endBefore?.()
    return end
  }

  function tooOld({ what }: HttpRequest): TooLate {
    return new TooLate(
      `${system}: ${what} did not leave, what it was decided on is too old; read and merge again`,
      { system, status: 0 },
    )
  }

  function toDelayed(
    { what, effect }: HttpRequest,
    hop: Exclude<Hop, { kind: 'done' }>,
    status: number,
  ): Ended {
    // At least a second: otherwise the same PATCH would be back before the delay has ended.
    const until = now() + Math.max(1_000, hop.waitMs)
    const why = hop.kind === 'give-up' ? hop.why : 'it delays its callers by redirects'
    const result: CallResult = { kind: 'paused', until, why }
    if (effect === 'patch') {
      const message = `${system}: ${what} was redirected, and a PATCH is never repeated; read and merge again`
      return { result, error: new TooLate(message, { system, status }) }
    }
    return {
      result,
      error: new SystemAway(`${system}: ${what}: ${why}`, { system, status, until }),
    }
  }

  function toFailed(request: HttpRequest, sent: Exclude<Sent, { kind: 'answer' }>): Ended {
    const { what, effect } = request
    const about = { system, status: 0, cause: sent.cause }
    switch (sent.kind) {
      case 'not-sent': {
        const error = new SystemAway(`${system}: ${what}: ${sent.why}`, about)
        return { result: { kind: 'no-connection', why: sent.why }, error }
      }
      case 'lost':
        return {
          result: { kind: 'failed', why: sent.why },
          error: toUnanswered({ what, effect, why: sent.why }, about),
        }
      case 'given-up': {
        const why = 'we stopped waiting for the answer'
        const error = effect === 'read' ? sent.cause : toUnanswered({ what, effect, why }, about)
        return { result: { kind: 'no-verdict', wasSent: true }, error }
      }
    }
  }

  return async (request, call) => {
    const leave = await gate.enter(call)
    const ended = await follow(request, call)
    leave(ended.result)
    if ('answer' in ended) return ended.answer
    throw ended.error
  }
}

type Unanswered = {
  readonly what: string
  readonly effect: HttpRequest['effect']
  readonly why: string
}

type About = { readonly system: System; readonly status: number; readonly cause?: unknown }

/** The error of a call that has no usable answer: a write may have been carried out, a read not. */
export function toUnanswered({ what, effect, why }: Unanswered, about: About): CallError {
  const message = `${about.system}: ${what}: ${why}`
  return effect === 'read' ? new CallFailed(message, about) : new UnknownAnswer(message, about)
}

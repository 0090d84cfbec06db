import { makeExpired, makeNoJwt, makeUnknown } from './access-tokens.ts'
import {
  makeForbiddenError,
  makeMediaTypeError,
  makeRouteError,
  makeScopeError,
  makeValidationError,
  toApiError,
  type ApiError,
} from './api-error.ts'
import type { Reply } from './http-message.ts'
import { toRateLimitError } from './rate-limit.ts'
import { toWireTime } from './wire-time.ts'
import { isMembers } from './write-validation.ts'

const ways = [
  'reset-before',
  'reset-after-commit',
  'half-reply',
  '500',
  '502-html',
  '503-maintenance',
  '429',
  '401-text',
  '401-json',
  '401-expired',
  '400',
  '403',
  '403-scope',
  '404-route',
  '415',
  '422',
  'slow',
] as const

export type FaultWay = (typeof ways)[number]

export type FailNext = {
  readonly method?: string
  /** A regular expression on path and query; absent: every path. */
  readonly path?: string
  /** How many requests it hits before it is used up; 1 if absent. */
  readonly count?: number
  readonly how: FaultWay
  /** How slow, or for how long a 429 or 503 asks to stay away; 1000 if absent. */
  readonly ms?: number
  readonly retryAfter?: 'epoch' | 'seconds' | 'iso'
}

export type FaultSwitches = {
  readonly failNext: readonly FailNext[]
  /** Every connection is reset before anything is done. */
  readonly unavailable: boolean
  readonly latencyMs: number
}

/** A write that has arrived, and of which nothing is done yet. */
export type ArrivedWrite = {
  readonly method: string
  readonly path: string
  readonly body: string
}

export type Faults = {
  readonly get: () => FaultSwitches
  /** Replaces all of them: what is not named is off. */
  readonly set: (switches: Partial<FaultSwitches>) => void
  readonly failNext: (fault: FailNext) => void
  /** The fault for this request, which uses it up by one. */
  readonly take: (method: string, address: string) => FailNext | undefined
  /** Somebody who is quicker: called with every write just before it is done, until the answer is called. */
  readonly beforeCommit: (listener: (write: ArrivedWrite) => void) => () => void
  readonly arrive: (write: ArrivedWrite) => void
}

const none: FaultSwitches = { failNext: [], unavailable: false, latencyMs: 0 }

export function makeFaults(): Faults {
  let switches = none
  const listeners = new Set<(write: ArrivedWrite) => void>()
  return {
    beforeCommit: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    arrive: (write) => {
      for (const listener of [...listeners]) listener(write)
    },
    get: () => switches,
    set: (change) => {
      switches = { ...none, ...change }
    },
    failNext: (fault) => {
      switches = { ...switches, failNext: [...switches.failNext, fault] }
    },
    take: (method, address) => {
      const fault = switches.failNext.find((one) => isHit(one, method, address))
      if (fault === undefined) return undefined
      const left = (fault.count ?? 1) - 1
      const failNext = switches.failNext.flatMap((one) => {
        if (one !== fault) return [one]
        return left > 0 ? [{ ...one, count: left }] : []
      })
      switches = { ...switches, failNext }
      return fault
    },
  }
}

function isHit(fault: FailNext, method: string, address: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false
  return fault.path === undefined || new RegExp(fault.path).test(address)
}

/** What the fault answers instead of the real reply; undefined where it does not answer at all. */
export function toFaultReply(fault: FailNext, now: number): Reply | undefined {
  const untilMs = now + (fault.ms ?? 1000)
  const retryAfter = (form: 'epoch' | 'iso') => toRetryAfter(fault.retryAfter ?? form, now, untilMs)
  return faultReplies[fault.how]?.(untilMs, retryAfter)
}

type ToFaultReply = (untilMs: number, retryAfter: (form: 'epoch' | 'iso') => string) => Reply

const faultReplies: Readonly<Partial<Record<FaultWay, ToFaultReply>>> = {
  '500': () =>
    toReply(toApiError(500, { id: 'internalServerError', title: 'Internal Server Error' })),
  '502-html': () => ({
    status: 502,
    headers: { 'Content-Type': 'text/html' },
    body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
  }),
  '503-maintenance': (untilMs, retryAfter) =>
    toReply(toMaintenanceError(untilMs, retryAfter('iso'))),
  '429': (untilMs, retryAfter) => toReply(toRateLimitError(10_000, untilMs, retryAfter('epoch'))),
  '401-text': () => toReply(makeUnknown()),
  '401-json': () => toReply(makeNoJwt()),
  '401-expired': () => toReply(makeExpired()),
  '400': () =>
    toReply(
      toApiError(400, {
        id: 'badRequest',
        title: 'Bad Request',
        detail: 'The request is not what this endpoint takes.',
      }),
    ),
  '403': () => toReply(makeForbiddenError()),
  '403-scope': () => toReply(makeScopeError('accounts.write')),
  '404-route': () => toReply(makeRouteError()),
  '415': () => toReply(makeMediaTypeError()),
  '422': () => toReply(makeValidationError('Name is not acceptable.', '/data/attributes/name')),
}

function toReply({ status, headers, body }: ApiError): Reply {
  return { status, headers, body }
}

function toMaintenanceError(untilMs: number, retryAfter: string): ApiError {
  const detail = `Scheduled server maintenance is under way; please try again at ${toWireTime(untilMs)}.`
  return toApiError(
    503,
    { id: 'scheduledServerMaintenance', title: 'Scheduled Server Maintenance', detail },
    { 'Retry-After': retryAfter },
  )
}

/** The three forms in which `Retry-After` was seen (outreach-api 5). */
function toRetryAfter(form: 'epoch' | 'seconds' | 'iso', now: number, untilMs: number): string {
  if (form === 'iso') return new Date(untilMs).toISOString()
  return String(Math.ceil((form === 'epoch' ? untilMs : untilMs - now) / 1000))
}

/** Reads the switches from a request body, or says which member is wrong. */
export function toFaultSwitches(body: unknown): Partial<FaultSwitches> {
  const members = isMembers(body) ? body : {}
  const failNext = Array.isArray(members['failNext']) ? members['failNext'] : []
  return {
    failNext: failNext.map(toFailNext),
    unavailable: members['unavailable'] === true,
    latencyMs: typeof members['latencyMs'] === 'number' ? members['latencyMs'] : 0,
  }
}

function toFailNext(value: unknown): FailNext {
  const members = isMembers(value) ? value : {}
  const how = ways.find((way) => way === members['how'])
  if (how === undefined) {
    throw toApiError(400, {
      id: 'badRequest',
      title: 'Bad Request',
      detail: `failNext.how must be one of: ${ways.join(', ')}.`,
    })
  }
  const { method, path, count, ms, retryAfter } = members
  const form = (['epoch', 'seconds', 'iso'] as const).find((one) => one === retryAfter)
  return {
    how,
    ...(typeof method === 'string' && { method }),
    ...(typeof path === 'string' && { path }),
    ...(typeof count === 'number' && { count }),
    ...(typeof ms === 'number' && { ms }),
    ...(form !== undefined && { retryAfter: form }),
  }
}

import { AppError } from '../runtime/errors.ts'
import type { System } from '../schemas/record-ref.ts'

/** What every failed call says of itself; `status` is 0 where no answer came. */
type About = { readonly system: System; readonly status: number; readonly cause?: unknown }

/** A call to Outreach or Workbooks that failed. The kinds are closed: see `CallError`. */
abstract class FailedCall extends AppError {
  readonly system: System
  readonly status: number

  constructor(message: string, { system, status, cause }: About) {
    super(message, { cause })
    this.system = system
    this.status = status
  }
}

/** The system is not there for anybody: no connection, 429, maintenance, delay, circuit, expired token. */
export class SystemAway extends FailedCall {
  override readonly name = 'SystemAway'
  readonly code = 'call.system_away'
  readonly retry = 'later'
  /** Epoch ms before which asking again is useless; undefined where the system did not say. */
  readonly until: number | undefined

  constructor(message: string, about: About & { readonly until?: number }) {
    super(message, about)
    this.until = about.until
  }
}

/** It failed for this record, perhaps only for this one: a 5xx, a read that timed out. */
export class CallFailed extends FailedCall {
  override readonly name = 'CallFailed'
  readonly code = 'call.failed'
  readonly retry = 'later'
}

/** A write was sent and no whole answer came, or a 5xx: it may have been carried out (rulebook 4). */
export class UnknownAnswer extends FailedCall {
  override readonly name = 'UnknownAnswer'
  readonly code = 'call.unknown_answer'
  readonly retry = 'later'
}

/** A PATCH that would have left on a read too old, or was redirected: read and merge again (rulebook 8). */
export class TooLate extends FailedCall {
  override readonly name = 'TooLate'
  readonly code = 'call.too_late'
  readonly retry = 'later'
}

/** The system refuses this record: validation, unknown value, forbidden on this record. */
export class Refused extends FailedCall {
  override readonly name = 'Refused'
  readonly code = 'call.refused'
  readonly retry = 'never'
  /** The system's own error ids, e.g. `validationError`, `validationDuplicateValueError`. */
  readonly ids: readonly string[]
  /** Attributes or columns that the answer points at; may be empty. */
  readonly fields: readonly string[]

  constructor(
    message: string,
    about: About & { readonly ids?: readonly string[]; readonly fields?: readonly string[] },
  ) {
    super(message, about)
    this.ids = about.ids ?? []
    this.fields = about.fields ?? []
  }
}

/** The set-up is wrong, not the record: a scope, a right, a route, 400, 415. `mend` says what to do. */
export class SetupFault extends FailedCall {
  override readonly name = 'SetupFault'
  readonly code = 'call.setup'
  readonly retry = 'later'
  readonly mend: string

  constructor(message: string, about: About & { readonly mend: string }) {
    super(message, about)
    this.mend = about.mend
  }
}

/** 404 `resourceNotFound` to a request that names this very record. */
export class RecordGone extends FailedCall {
  override readonly name = 'RecordGone'
  readonly code = 'call.record_gone'
  readonly retry = 'never'
}

export type CallError =
  SystemAway | CallFailed | UnknownAnswer | TooLate | Refused | SetupFault | RecordGone

export function isCallError(error: unknown): error is CallError {
  return error instanceof FailedCall
}

/** Whether the error itself proves that a write was not carried out: refused, or never let in. */
export function provesNothingDone(error: unknown): boolean {
  return error instanceof Refused || error instanceof SystemAway || error instanceof SetupFault
}

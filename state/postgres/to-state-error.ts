import { DatabaseError } from 'pg'
import type { AppError } from '../../runtime/errors.ts'
import { sentenceOf } from '../../runtime/errors.ts'
import { ConstraintBroken } from '../constraint-broken.ts'
import { StateRefused } from '../state-refused.ts'
import { StateUnavailable } from '../state-unavailable.ts'
import { StatementFailed } from '../statement-failed.ts'

const UNIQUE_VIOLATION = '23505'
/** Too few or too many parameters: a flaw of the statement, although its class is that of connections. */
const PROTOCOL_VIOLATION = '08P01'
/** Serialisation failure and deadlock: the same write, sent again, may pass. */
const TRY_AGAIN = ['40001', '40P01']

// Connections; rolled back; resources; canceled, shut down or starting up; the system; inside the server;
// locks not to be had; accounts (a password that was changed while we run) and a standby that takes no writes.
const UNAVAILABLE = /^(08|40|53|57|58|XX|55P03|28|25006|25P0)/
/** Messages of these classes quote names and the statement's own text, never what was given to it. */
const QUOTES_NO_VALUE = /^(42|23|08|28|40|53|57|58|3D)/
/** What no waiting mends: who we are, which database, that there is no TLS. */
const REFUSED = /^(28|3D)/

/** What an error of the driver or the server means to our callers. Holds no value of a parameter. */
export function toStateError(error: unknown, doing: string): AppError {
  if (isOurs(error)) return error
  const said = toSaid(error)
  const code = codeOf(error)
  if (code === undefined || (code !== PROTOCOL_VIOLATION && UNAVAILABLE.test(code)))
    return new StateUnavailable(`PostgreSQL gave no answer to ${doing}: ${said}`)
  return code === UNIQUE_VIOLATION
    ? new ConstraintBroken(`A unique key of the state forbids this write: ${said}`)
    : new StatementFailed(`The state refused a statement: ${said}`)
}

/** Where the state is opened: a wrong password or name is refused, all else may pass. */
export function toOpenError(error: unknown): AppError {
  const said = toSaid(error)
  if (said.includes('does not support SSL connections'))
    return new StateRefused(
      'The PostgreSQL of DATABASE_URL takes no TLS. Add ?sslmode=disable to it where the network between is safe.',
    )
  return REFUSED.test(codeOf(error) ?? '')
    ? new StateRefused(`PostgreSQL does not let us in: ${said}. Look at DATABASE_URL.`)
    : toStateError(error, 'our connecting')
}

export function mayTryAgain(error: unknown): boolean {
  return TRY_AGAIN.includes(codeOf(error) ?? '')
}

function isOurs(error: unknown): error is AppError {
  return (
    error instanceof StateUnavailable ||
    error instanceof StatementFailed ||
    error instanceof ConstraintBroken ||
    error instanceof StateRefused
  )
}

/** SQLSTATE; undefined: the server did not say it, so it is about the connection. */
function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

function toSaid(error: unknown): string {
  const code = codeOf(error)
  if (code === undefined) return sentenceOf(error) || 'no connection'
  return QUOTES_NO_VALUE.test(code) ? `${sentenceOf(error)} (${code})` : `SQLSTATE ${code}`
}

import { AppError } from '../runtime/errors.ts'

/** The statement itself is wrong, and would fail again; nothing of its write was written. */
export class StatementFailed extends AppError {
  override readonly name = 'StatementFailed'
  readonly code = 'state-statement-failed'
  readonly retry = 'never'
}

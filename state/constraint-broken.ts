import { AppError } from '../runtime/errors.ts'

/** A unique key forbids this write; nothing of it was written. */
export class ConstraintBroken extends AppError {
  override readonly name = 'ConstraintBroken'
  readonly code = 'state-constraint-broken'
  readonly retry = 'never'
}

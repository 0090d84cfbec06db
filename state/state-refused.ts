import { AppError } from '../runtime/errors.ts'

/** The state cannot be opened as it is; the sentence says what to do. */
export class StateRefused extends AppError {
  override readonly name = 'StateRefused'
  readonly code = 'state-refused'
  readonly retry = 'never'
}

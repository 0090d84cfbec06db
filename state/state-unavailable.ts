import { AppError } from '../runtime/errors.ts'

/** The state could not promise to remember: closed, full, or its disk failed. */
export class StateUnavailable extends AppError {
  override readonly name = 'StateUnavailable'
  readonly code = 'state-unavailable'
  readonly retry = 'later'
}

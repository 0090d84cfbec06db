import { AppError } from '../runtime/errors.ts'

/** The log could not promise that the entries survive a crash: closed, full, or its disk failed. */
export class LogUnavailable extends AppError {
  override readonly name = 'LogUnavailable'
  readonly code = 'log-unavailable'
  readonly retry = 'later'
}

import { AppError } from '../runtime/errors.ts'

/** The log was asked for something that trying again will not change; its sentence says what to do. */
export class LogRefused extends AppError {
  override readonly name = 'LogRefused'
  readonly code = 'log-refused'
  readonly retry = 'never'
}

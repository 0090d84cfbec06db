import { AppError } from '../runtime/errors.ts'

/** The caller took its entries back in time: not one of them was sent, now or ever. */
export class LogWithdrawn extends AppError {
  override readonly name = 'LogWithdrawn'
  readonly code = 'log-withdrawn'
  readonly retry = 'later'
}

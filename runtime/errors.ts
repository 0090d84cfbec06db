export type Retry = 'later' | 'never'

/** Something broke. `retry` is all that a caller may act on; `code` is for people and dashboards. */
export abstract class AppError extends Error {
  abstract readonly code: string
  abstract readonly retry: Retry
}

/** What we did not foresee is tried again: a retry is cheaper than a lost change. */
export function retryOf(error: unknown): Retry {
  return error instanceof AppError ? error.retry : 'later'
}

/** The sentence of an error, for logs and outcomes; never its stack. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

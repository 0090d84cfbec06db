export type ErrorItem = {
  readonly id: string
  readonly title: string
  readonly detail?: string
  readonly source?: { readonly pointer?: string; readonly parameter?: string }
  readonly [other: string]: unknown
}

/** A reply that is an error, in Outreach's own words (outreach-api 4). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`The simulated Outreach answers ${status}: ${JSON.stringify(body)}`)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export function toApiError(status: number, item: ErrorItem, headers?: Record<string, string>) {
  return new ApiError(status, { errors: [item] }, headers)
}

export function makeValidationError(detail: string, pointer: string, code?: string): ApiError {
  return toApiError(422, {
    id: 'validationError',
    source: { pointer },
    title: 'Validation Error',
    detail,
    ...(code === undefined ? {} : { code }),
  })
}

export function makeParameterError(detail: string, parameter: string): ApiError {
  return toApiError(422, {
    id: 'validationError',
    source: { parameter },
    title: 'Validation Error',
    detail,
  })
}

export function makeTooLongError(): ApiError {
  return toApiError(422, {
    id: 'validationDataTooLongError',
    title: 'Validation Data Too Long Error',
    detail: 'Data provided is too long.',
  })
}

export function makeNotFoundError(type: string, id: string): ApiError {
  return toApiError(404, {
    id: 'resourceNotFound',
    title: 'Resource Not Found',
    detail: `Could not find '${type}' with ID '${id}'.`,
  })
}

export function makeRouteError(): ApiError {
  return toApiError(404, {
    id: 'routeNotFound',
    title: 'Route Not Found',
    detail: 'The request path does not match any known resource endpoints.',
  })
}

export function makeScopeError(scope: string): ApiError {
  return toApiError(403, {
    id: 'unauthorizedOauthScope',
    title: 'Unauthorized OAuth Scope',
    detail: `Your authorization does not include the required scope '${scope}'.`,
  })
}

export function makeForbiddenError(): ApiError {
  return toApiError(403, {
    id: 'unauthorizedRequest',
    title: 'Unauthorized Request',
    detail: 'You are not authorized to perform that request.',
  })
}

export function makeMediaTypeError(): ApiError {
  // The real one has the plural key `details` here, and only here (outreach-api 4.1).
  return toApiError(415, {
    id: 'unsupportedMediaType',
    title: 'Unsupported Media Type',
    details: "Expected Content-Type header to be 'application/vnd.api+json'.",
  })
}

/** What goes back over HTTP. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | {
      readonly kind: 'html'
      readonly status: number
      readonly html: string
      readonly location?: string
    }

export const json = (body: unknown, status = 200): Answer => ({ kind: 'json', status, body })

export const html = (status: number, title: string): Answer => ({
  kind: 'html',
  status,
  html: `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
})

export const redirect = (location: string): Answer => ({
  kind: 'html',
  status: 302,
  html: '<html><body>You are being redirected.</body></html>',
  location,
})

/** Parameters that do not fit: 406 is the documented code, the body is a guess (workbooks-api 5.6). */
export const unsuitableAnswer = (message: string, status = 406): Answer =>
  json({ success: false, errors: { base: [message] } }, status)

/** The failure tables of workbooks-api 2.4. */
export const failureStatus = {
  unrecognised_name_or_password: 401,
  password_expired: 401,
  login_disabled: 401,
  session_expired: 401,
  no_session: 401,
  no_session_found: 401,
  client_not_licensed: 401,
  licence_expired: 401,
  no_licensed_edition: 401,
  client_not_activated: 401,
  no_permission_for_api: 403,
  requested_database_not_available: 403,
  no_available_database: 403,
  database_being_migrated: 403,
  database_archived: 403,
  invalid_application_name: 403,
  no_database_selection_made: 403,
  user_agent_required: 403,
} as const

export type FailureReason = keyof typeof failureStatus

export const isFailureReason = (text: string): text is FailureReason =>
  Object.hasOwn(failureStatus, text)

/** The wording of `failure_message` is a guess. */
export const failureAnswer = (reason: FailureReason, more: object = {}): Answer =>
  json(
    {
      failure_reason: reason,
      failure_message: `${reason.replaceAll('_', ' ')}.`,
      ...more,
    },
    failureStatus[reason],
  )

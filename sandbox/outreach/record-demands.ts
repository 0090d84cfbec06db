import { makeValidationError, toApiError } from './api-error.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { Resources } from './resources.ts'
import { toLabel } from './stored-value.ts'

export type Demands = {
  readonly excludedEmailDomains: readonly string[]
  /** The real one takes https only; a sandbox has no certificates. */
  readonly allowsHttpWebhooks: boolean
}

type Deps = {
  readonly store: RecordStore
  readonly resources: Resources
  readonly demands: Demands
}

/** Throws Outreach's own complaint when a record may not be stored like this. */
export function mustBeAcceptable(row: Row, deps: Deps): void {
  for (const [name, link] of Object.entries(row.links)) {
    const isKnownType = link !== null && deps.resources.byType(link.type) !== undefined
    if (isKnownType && deps.store.find(link.type, link.id) === undefined) {
      throw makeValidationError(`${toLabel(name)} must exist.`, `/data/relationships/${name}`)
    }
  }
  demandsByType[row.type]?.(row, deps)
}

const demandsByType: Readonly<Record<string, (row: Row, deps: Deps) => void>> = {
  account: (row) => mustHave(row, 'name'),
  emailAddress: (row) => mustHave(row, 'email'),
  sequenceState: (row) => {
    for (const name of ['prospect', 'sequence', 'mailbox']) {
      if ((row.links[name] ?? null) === null) {
        throw makeValidationError(`${toLabel(name)} can't be blank.`, `/data/relationships/${name}`)
      }
    }
  },
  webhook: mustBeWebhook,
}

function mustHave(row: Row, name: string): void {
  const value = row.attributes[name]
  if (typeof value === 'string' && value.trim() !== '') return
  throw makeValidationError(`${toLabel(name)} can't be blank.`, `/data/attributes/${name}`)
}

function mustBeWebhook(row: Row, { resources, demands }: Deps): void {
  mustHave(row, 'url')
  const { url, resource, action, payloadVersion } = row.attributes
  const scheme = demands.allowsHttpWebhooks ? /^https?:\/\// : /^https:\/\//
  if (!scheme.test(String(url))) {
    throw makeValidationError('Url must be https.', '/data/attributes/url')
  }
  const announced = resources.all.filter(({ webhookActions }) => webhookActions.length > 0)
  const named = announced.filter(({ type }) => resource === '*' || type === resource)
  if (named.length === 0) {
    throw makeValidationError('Resource is not included in the list.', '/data/attributes/resource')
  }
  if (action !== '*' && !named.some((one) => one.webhookActions.includes(String(action)))) {
    throw makeValidationError('Action is not included in the list.', '/data/attributes/action')
  }
  if (payloadVersion !== 1 && payloadVersion !== 2) {
    throw makeValidationError(
      'Payload version is not included in the list.',
      '/data/attributes/payloadVersion',
    )
  }
}

/** One prospect per address, whatever its case (outreach-api 4.3, 6.2). */
export function mustBeFreeEmails(
  emails: unknown,
  { owner, ...deps }: Deps & { readonly owner: number | undefined },
): void {
  const wanted = new Set(toAddresses(emails))
  if (wanted.size === 0) return
  for (const email of wanted) {
    const domain = email.slice(email.indexOf('@') + 1)
    if (deps.demands.excludedEmailDomains.includes(domain)) {
      throw makeValidationError(
        'Contacts contact is using an excluded email address.',
        '/data',
        'is_using_excluded_email_address',
      )
    }
  }
  for (const prospect of deps.store.all('prospect')) {
    if (prospect.id === owner) continue
    if (toAddresses(prospect.attributes['emails']).some((email) => wanted.has(email))) {
      throw makeValidationError('Contacts email hash has already been taken.', '/data', 'taken')
    }
  }
}

/** What one integrator met when identical addresses were sent again (outreach-api 4.2). */
export function makeResentEmailsError(): Error {
  return toApiError(422, {
    id: 'validationDuplicateValueError',
    title: 'Validation Duplicate Value Error',
    detail: 'A Contact with this email_hash already exists.',
  })
}

export function toAddresses(emails: unknown): readonly string[] {
  if (!Array.isArray(emails)) return []
  return emails.map((email) => String(email).trim().toLowerCase())
}

import { makeValidationError } from './api-error.ts'
import type { Link } from './record-store.ts'
import type { Resource } from './resources.ts'
import { toStoredValue } from './stored-value.ts'

/** What somebody asks a record to become; absent members stay as they are. */
export type Wish = {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, Link | null>>
}

export type WishCheck = {
  /** People in the user interface, and background jobs, also move what the API may only read. */
  readonly mayWriteAll: boolean
  /** False: what is unknown or read-only is passed over, as some APIs do. */
  readonly refusesUnknown: boolean
}

type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a JSON:API request body for a resource; `id` is the one in the address, if it has one. */
export function toApiWish(
  resource: Resource,
  target: { readonly body: unknown; readonly id: number | undefined },
  check: WishCheck,
): Wish {
  const data = isMembers(target.body) ? target.body['data'] : undefined
  if (!isMembers(data)) throw makeValidationError('Data is missing.', '/data')
  if (data['type'] !== resource.type) {
    throw makeValidationError(`Type must be '${resource.type}'.`, '/data/type')
  }
  if (target.id !== undefined && String(data['id']) !== String(target.id)) {
    throw makeValidationError(`Id must be '${target.id}', as in the address.`, '/data/id')
  }
  const attributes = data['attributes'] ?? {}
  const relationships = data['relationships'] ?? {}
  if (!isMembers(attributes)) {
    throw makeValidationError('Attributes must be an object.', '/data/attributes')
  }
  if (!isMembers(relationships)) {
    throw makeValidationError('Relationships must be an object.', '/data/relationships')
  }
  const identifiers = Object.entries(relationships).map(([name, value]) => {
    if (isMembers(value) && 'data' in value) return [name, value['data']] as const
    throw makeValidationError('Data is missing.', `/data/relationships/${name}`)
  })
  return {
    attributes: toStoredAttributes(resource, attributes, check),
    links: toLinks(resource, Object.fromEntries(identifiers), check),
  }
}

/** Reads what a person sends to the control door: `{attributes, links}`, links as ids or `{type, id}`. */
export function toPersonWish(resource: Resource, body: unknown): Wish {
  const check: WishCheck = { mayWriteAll: true, refusesUnknown: true }
  const members = isMembers(body) ? body : {}
  const attributes = isMembers(members['attributes']) ? members['attributes'] : {}
  const links = isMembers(members['links']) ? members['links'] : {}
  return {
    attributes: toStoredAttributes(resource, attributes, check),
    links: toLinks(resource, links, check),
  }
}

function toStoredAttributes(resource: Resource, attributes: Members, check: WishCheck) {
  const stored: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = resource.attributes.get(name)
    const isWritable = attribute !== undefined && (attribute.writable || check.mayWriteAll)
    if (isWritable) stored[name] = toStoredValue(attribute, value)
    else if (check.refusesUnknown) {
      const fault = attribute === undefined ? 'is not an attribute of' : 'is read-only in'
      throw makeValidationError(
        `'${name}' ${fault} '${resource.type}'.`,
        `/data/attributes/${name}`,
      )
    }
  }
  return stored
}

function toLinks(resource: Resource, identifiers: Members, check: WishCheck) {
  const links: Record<string, Link | null> = {}
  for (const [name, value] of Object.entries(identifiers)) {
    const relationship = resource.relationships.get(name)
    const isWritable =
      relationship?.cardinality === 'one' && (relationship.writable || check.mayWriteAll)
    if (isWritable) links[name] = toLink(name, relationship.types, value)
    else if (check.refusesUnknown) {
      throw makeValidationError(
        `'${name}' is not a writable to-one relationship of '${resource.type}'.`,
        `/data/relationships/${name}`,
      )
    }
  }
  return links
}

function toLink(name: string, types: readonly string[], value: unknown): Link | null {
  if (value === null) return null
  const identifier = isMembers(value) ? value : { id: value }
  const [onlyType] = types
  const type = identifier['type'] ?? (types.length === 1 ? onlyType : undefined)
  const id = Number(identifier['id'])
  if (typeof type !== 'string' || !types.includes(type) || !Number.isInteger(id)) {
    throw makeValidationError(
      `${name} must be a record of type ${types.join(' or ')} with an id.`,
      `/data/relationships/${name}/data`,
    )
  }
  return { type, id }
}

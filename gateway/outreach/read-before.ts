import { readLink, readRelationships } from './read-relationships.ts'

type Members = Readonly<Record<string, unknown>>
type Before = {
  readonly before: Members
  readonly linksBefore: Readonly<Record<string, string | null>>
}

/**
 * The previous values of payload version 2. Its inner shape is not documented: both the delivery's own
 * shape (`attributes`, `relationships`) and a flat list of names are read.
 */
export function readBefore(beforeUpdate: Members | null | undefined): Before | undefined {
  if (beforeUpdate === undefined || beforeUpdate === null) return undefined
  const { attributes, relationships } = beforeUpdate
  if (isMembers(attributes) || isMembers(relationships)) {
    return {
      before: isMembers(attributes) ? attributes : {},
      linksBefore: readRelationships(relationships),
    }
  }
  const entries = Object.entries(beforeUpdate)
  const isLink = ([, value]: readonly [string, unknown]) =>
    isMembers(value) && readLink(value) !== undefined
  return {
    before: Object.fromEntries(entries.filter((entry) => !isLink(entry))),
    linksBefore: readRelationships(Object.fromEntries(entries.filter(isLink))),
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

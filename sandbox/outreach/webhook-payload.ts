import { isDeepStrictEqual } from 'node:util'
import { isNeverAnnounced, toColumnDefaults } from './record-defaults.ts'
import type { RecordEvent } from './record-event.ts'
import type { Link, Row } from './record-store.ts'
import type { Resource } from './resources.ts'

export type PayloadRules = {
  /** A scalar that was cleared is absent, as in the one capture that shows it (outreach-api 1.5). */
  readonly omitNulledAttributes: boolean
  /** Else a cleared relationship shows `{"id":null}`. */
  readonly omitNulledLinks: boolean
  readonly opportunityStageAs: string
  readonly payloadVersion: number
}

type FlatLink = { readonly type?: string; readonly id: number | null }
type Members = {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly relationships: Readonly<Record<string, FlatLink>>
}
export type WebhookData = {
  readonly data: { readonly type: string; readonly id: number } & Partial<Members>
  readonly beforeUpdate?: Members
}

/** What a delivery says about an event, by the rules of outreach-api 1.5. */
export function toWebhookData(
  event: RecordEvent,
  resource: Resource,
  rules: PayloadRules,
): WebhookData {
  const { type, id, action, before, after } = event
  const head = { type, id }
  if (action === 'created' && after !== undefined) {
    return { data: { ...head, ...toCreated(after, resource, rules) } }
  }
  if (action === 'destroyed' && before !== undefined) {
    return { data: { ...head, ...toDestroyed(before, resource, rules) } }
  }
  if (action !== 'updated' || before === undefined || after === undefined) return { data: head }
  const data = { ...head, ...toChanged({ from: before, to: after }, resource, rules) }
  if (rules.payloadVersion !== 2) return { data }
  const wasRules = { ...rules, omitNulledAttributes: true, omitNulledLinks: true }
  return { data, beforeUpdate: toChanged({ from: after, to: before }, resource, wasRules) }
}

function toCreated(row: Row, resource: Resource, rules: PayloadRules): Members {
  const defaults = toColumnDefaults(row.type)
  const isTold = ([name, value]: readonly [string, unknown]) =>
    value !== null && value !== defaults[name]
  return {
    attributes: Object.fromEntries(toColumns(row, resource).filter(isTold)),
    relationships: toFlatLinks(toToldLinks(row, { isCreated: true }), rules),
  }
}

function toDestroyed(row: Row, resource: Resource, rules: PayloadRules): Members {
  return {
    attributes: Object.fromEntries(toColumns(row, resource)),
    relationships: toFlatLinks(Object.entries(row.links), rules),
  }
}

function toChanged(
  rows: { readonly from: Row; readonly to: Row },
  resource: Resource,
  rules: PayloadRules,
): Members {
  const { from, to } = rows
  const columns = toColumns(to, resource).filter(
    ([name, value]) =>
      !isDeepStrictEqual(value, from.attributes[name] ?? null) &&
      (value !== null || !rules.omitNulledAttributes),
  )
  const links = toToldLinks(to, { isCreated: false }).filter(
    ([name, link]) =>
      !isDeepStrictEqual(link, from.links[name] ?? null) &&
      (link !== null || !rules.omitNulledLinks),
  )
  return {
    attributes: Object.fromEntries(columns),
    relationships: Object.fromEntries(links.map((link) => toFlat(link, rules))),
  }
}

function toColumns(row: Row, resource: Resource): readonly (readonly [string, unknown])[] {
  return [...resource.attributes.values()]
    .filter(({ kind, name }) => kind !== 'array' && kind !== 'object' && name !== 'secret')
    .filter(({ name }) => !isNeverAnnounced(row.type, name))
    .map(({ name }) => [name, row.attributes[name] ?? null] as const)
}

function toToldLinks(row: Row, { isCreated }: { readonly isCreated: boolean }) {
  // Who wrote it is told only of a new sequence, and of what is destroyed (outreach-api 1.7).
  const tellsWriter = isCreated && row.type === 'sequence'
  return Object.entries(row.links).filter(
    ([name]) => tellsWriter || (name !== 'creator' && name !== 'updater'),
  )
}

type NamedLink = readonly [name: string, link: Link | null]

function toFlatLinks(links: readonly NamedLink[], rules: PayloadRules) {
  const there = links.filter(([, link]) => link !== null)
  return Object.fromEntries(there.map((link) => toFlat(link, rules)))
}

/** Flat, and `type` is the relationship's name, not the other record's type (outreach-api 0.3). */
function toFlat([name, link]: NamedLink, rules: PayloadRules): readonly [string, FlatLink] {
  const called = name === 'opportunityStage' ? rules.opportunityStageAs : name
  return [called, link === null ? { id: null } : { type: called, id: link.id }]
}

import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { toSeconds } from '../fields/record-values.ts'
import { isToldIn, type Field } from '../fields/field.ts'
import { namesChanges, type HintEvent } from '../hint.ts'
import type { CreateCondition } from '../kinds/kind.ts'
import type { Work } from './work.ts'

/** Undefined: it may be created; else why not (rulebook 3 and 6). `connectedAt`: epoch seconds, by Outreach's clock. */
export function mayCreateInWorkbooks(
  { kind, hint }: Pick<Work, 'kind' | 'hint'>,
  record: OutreachRecord,
  connectedAt: number,
): string | undefined {
  const conditions = kind.policy.createInWorkbooks
  if (conditions === undefined) {
    return `The configuration creates no ${kind.name} in Workbooks (createInWorkbooks).`
  }
  const unmet = conditions.find((condition) => !holds(condition, record))
  if (unmet !== undefined) {
    return `Its ${unmet.attribute} does not meet createInWorkbooks, so it is not created in Workbooks.`
  }
  const isNew = toSeconds(record.attributes['createdAt']) >= connectedAt
  const isAskedFor = hint.events.some((event) => asksForIt(event, kind.fields))
  return isNew || isAskedFor
    ? undefined
    : `It is older than the first connection, and no mapped field of it changed; "ops backfill ${kind.name}" brings it.`
}

function holds({ attribute, is }: CreateCondition, { attributes, links }: OutreachRecord): boolean {
  const value = attribute in links ? links[attribute] : attributes[attribute]
  const values: readonly unknown[] = Array.isArray(value) ? value : [value ?? null]
  return values.some((one) => is.some((wanted) => wanted === one || String(wanted) === String(one)))
}

/** A webhook that names a mapped field, or somebody who asks for the record itself. */
function asksForIt(event: HintEvent, fields: readonly Field[]): boolean {
  if (event.origin === 'reconciliation') return false
  if (event.action === 'requested') return true
  if (!namesChanges(event)) return false
  const { changed: attributes, links } = event
  return fields.some((field) => isToldIn(field, { attributes, links }))
}

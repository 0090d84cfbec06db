import type { OutreachValues } from '../../../clients/outreach/outreach-client.ts'
import { isLink, isListElement, outreachNamesOf, type Field } from '../fields/field.ts'
import { forms, type FormName } from '../fields/form.ts'
import { isTrue } from '../fields/record-values.ts'
import { isBlank, type Value } from '../fields/value.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Values } from '../merge/merge-fields.ts'
import type { Owners } from '../owners.ts'

/** The values, by field name, as one Outreach write; `current` holds the lists that they go into. */
export function toOutreachWrite(
  fields: readonly Field[],
  values: Values,
  current: Readonly<Record<string, unknown>> = {},
): Required<OutreachValues> {
  const attributes: Record<string, unknown> = {}
  const links: Record<string, { type: string; id: string } | null> = {}
  for (const field of fields) {
    const value = values[field.workbooks]
    if (value === undefined) continue
    if (isLink(field)) links[field.outreach] = toLink(field, value)
    else if (field.form === 'opt-out') Object.assign(attributes, toOptOut(field, value, current))
    else if (isListElement(field)) {
      attributes[field.outreach] = withElement(current[field.outreach], value, field.form)
    } else attributes[field.outreach] = value
  }
  return { attributes, links }
}

function toLink({ parent, form }: Field, id: Value) {
  const type = form === 'stage' ? 'opportunityStage' : (parent?.outreachType ?? 'user')
  return typeof id === 'string' ? { type, id } : null
}

/** TRUE sets the mark that the mapping names; FALSE takes back whichever is TRUE (rulebook 11). */
function toOptOut(field: Field, value: Value, current: Readonly<Record<string, unknown>>) {
  if (!isBlank(value)) return { [field.outreach]: true }
  const standing = outreachNamesOf(field).filter((name) => isTrue(current[name]))
  return Object.fromEntries(standing.map((name) => [name, false]))
}

/**
 * The list with its mapped element, the first, replaced in its place: the rest is kept, a value that is
 * there already moves to the front, and a blank one removes the element (rulebook 8).
 */
export function withElement(
  current: unknown,
  value: Value,
  form: FormName = 'list',
): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(current) ? current : []
  const first = list.findIndex((item) => toElement(item) !== null)
  const rest = list.filter((_, index) => index !== first)
  if (value === null) return rest
  const known = list.findIndex((item) => forms[form].means(toElement(item), value))
  if (known === -1) return [value, ...rest]
  return [list[known], ...list.filter((_, index) => index !== known)]
}

/** An element as fields compare it. */
function toElement(item: unknown): Value {
  return forms.list.read(item)
}

/** The values, by field name, as Workbooks columns; an owner becomes the queue behind Assigned To. */
export function toWorkbooksColumns(
  owners: Pick<Owners, 'queueIdOf'>,
  kind: Kind,
  values: Values,
): Readonly<Record<string, unknown>> {
  const columns: Record<string, unknown> = {}
  for (const field of kind.fields) {
    const value = values[field.workbooks]
    // Of people both columns are written together (`toMemberColumns`).
    if (value === undefined || field.form === 'member') continue
    if (field.form !== 'owner') columns[field.workbooks] = toColumn(value)
    else if (typeof value === 'string') {
      columns['assigned_to'] = owners.queueIdOf(kind.workbooks.queues, value)
    }
  }
  return columns
}

function toColumn(value: Values[string]): unknown {
  return Array.isArray(value) ? value.join(', ') : (value ?? null)
}

import type { OutreachValues } from '../../../clients/outreach/outreach-client.ts'
import type { Field } from '../fields/field.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Values } from '../merge/merge-fields.ts'
import type { Owners } from '../owners.ts'

/** The values, by field name, as one Outreach write. */
export function toOutreachWrite(
  fields: readonly Field[],
  values: Values,
): Required<OutreachValues> {
  const attributes: Record<string, unknown> = {}
  const links: Record<string, { type: string; id: string } | null> = {}
  for (const field of fields) {
    const value = values[field.workbooks]
    if (value === undefined) continue
    if (field.form === 'owner') {
      links[field.outreach] = typeof value === 'string' ? { type: 'user', id: value } : null
    } else {
      attributes[field.outreach] = field.form === 'list' ? (value ?? []) : value
    }
  }
  return { attributes, links }
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
    if (value === undefined) continue
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

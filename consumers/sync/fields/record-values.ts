import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Values } from '../merge/merge-fields.ts'
import { isMemberField, readMemberColumns, readMemberRows } from '../members/member-values.ts'
import { isLink, outreachNamesOf, type Field } from './field.ts'
import { forms } from './form.ts'
import type { Value } from './value.ts'

/** Trimmed text, or undefined where there is none. */
export function toText(raw: unknown): string | undefined {
  if (typeof raw !== 'string' && typeof raw !== 'number') return undefined
  const text = String(raw).trim()
  return text === '' ? undefined : text
}

/** A checkbox, however the wire spells it. */
export function isTrue(raw: unknown): boolean {
  return raw === true || raw === 1 || raw === '1' || raw === 'true'
}

/** One attribute or relationship of Outreach as a comparable value. */
export function readOutreachValue(
  field: Field,
  from: Pick<OutreachRecord, 'attributes' | 'links'>,
): Value {
  if (isLink(field)) {
    const told = outreachNamesOf(field).find((name) => name in from.links)
    return told === undefined ? null : (from.links[told] ?? null)
  }
  if (field.form === 'opt-out') return readOptOuts(field, from.attributes)
  if (isMemberField(field)) return readMemberRows(field, from.attributes)
  return forms[field.form].read(from.attributes[field.outreach])
}

/** The names of those that are TRUE; null where none is told. */
function readOptOuts(field: Field, attributes: OutreachRecord['attributes']): Value {
  const told = outreachNamesOf(field).filter((name) => name in attributes)
  return told.length === 0 ? null : told.filter((name) => isTrue(attributes[name]))
}

export function readWorkbooksValue(field: Field, columns: WorkbooksRecord['columns']): Value {
  if (isMemberField(field)) return readMemberColumns(field, columns)
  return forms[field.form].read(columns[field.workbooks])
}

/** By field name. */
export function toOutreachValues(fields: readonly Field[], record: OutreachRecord): Values {
  return Object.fromEntries(
    fields.map((field) => [field.workbooks, readOutreachValue(field, record)]),
  )
}

/** By field name. */
export function toWorkbooksValues(fields: readonly Field[], record: WorkbooksRecord): Values {
  return Object.fromEntries(
    fields.map((field) => [field.workbooks, readWorkbooksValue(field, record.columns)]),
  )
}

/** Whole seconds of a time of either system; 0 where it does not say. */
export function toSeconds(raw: unknown): number {
  if (typeof raw === 'number') return Math.floor(raw)
  const at = typeof raw === 'string' ? Date.parse(raw) : Number.NaN
  return Number.isNaN(at) ? 0 : Math.floor(at / 1000)
}

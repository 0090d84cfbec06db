import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Values } from '../merge/merge-fields.ts'
import type { Field } from './field.ts'
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
  if (field.form === 'owner') return from.links[field.outreach] ?? null
  return forms[field.form].read(from.attributes[field.outreach])
}

export function readWorkbooksValue(field: Field, columns: WorkbooksRecord['columns']): Value {
  return forms[field.form === 'owner' ? 'text' : field.form].read(columns[field.workbooks])
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

import type { FormName } from './form.ts'

export type Direction = 'both' | 'send' | 'receive'

/** One line of the mapping, settled: no default is left to look up (mapping.md). */
export type Field = {
  /** The Workbooks column as it is read; also the field's name in outcomes. */
  readonly workbooks: string
  /** The Outreach attribute, or relationship where `form` is `owner` or `parent`. */
  readonly outreach: string
  readonly form: FormName
  readonly direction: Direction
  readonly onConflict: 'latest' | 'workbooks' | 'outreach'
  readonly onLink: 'workbooks' | 'outreach'
  /** Characters that Outreach takes; undefined where it has no limit. */
  readonly maxLength?: number | undefined
  /** Characters that the Workbooks column takes. */
  readonly workbooksMaxLength?: number | undefined
  /** Of a `parent`: the kind of the records that it names, which is their type in Workbooks. */
  readonly parent?: { readonly kind: string; readonly outreachType: string } | undefined
}

type Form = Pick<Field, 'form'>

/** Whether it is a relationship in Outreach, not an attribute. */
export function isLink({ form }: Form): boolean {
  return form === 'owner' || form === 'parent'
}

/** Whether it is the first element of a list in Outreach, whose rest is kept. */
export function isListElement({ form }: Form): boolean {
  return form === 'list' || form === 'emails'
}

const optOuts = ['optedOut', 'emailOptedOut']

/** The Outreach names that a field is read from; it is written to the first. */
export function outreachNamesOf({ form, outreach }: Pick<Field, 'form' | 'outreach'>): string[] {
  if (form !== 'opt-out') return [outreach]
  return [outreach, ...optOuts.filter((name) => name !== outreach)]
}

type Told = {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, unknown>>
}

/** Whether an event's values, new or before, have this field among them. */
export function isToldIn(field: Pick<Field, 'form' | 'outreach'>, told: Told): boolean {
  const from = isLink(field) ? told.links : told.attributes
  return outreachNamesOf(field).some((name) => name in from)
}

import type { FormName } from './form.ts'

export type Direction = 'both' | 'send' | 'receive'

/** One line of the mapping, settled: no default is left to look up (mapping.md). */
export type Field = {
  /** The Workbooks column as it is read; also the field's name in outcomes. */
  readonly workbooks: string
  /** The Outreach attribute, or relationship where `form` is `owner`. */
  readonly outreach: string
  readonly form: FormName | 'owner'
  readonly direction: Direction
  readonly onConflict: 'latest' | 'workbooks' | 'outreach'
  readonly onLink: 'workbooks' | 'outreach'
  /** Characters that Outreach takes; undefined where it has no limit. */
  readonly maxLength?: number | undefined
  /** Characters that the Workbooks column takes. */
  readonly workbooksMaxLength?: number | undefined
}

import { isRowTold, type Member, type Members } from '../members/members.ts'
import type { FormName } from './form.ts'

export type Direction = 'both' | 'send' | 'receive'

/** One line of the mapping, settled: no default is left to look up (mapping.md). */
export type Field = {
  /** The Workbooks column as it is read; also the field's name in outcomes. */
  readonly workbooks: string
  /** The Outreach attribute, or relationship where `form` is `owner`, `parent` or `stage`. */
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
  readonly parent?:
    | {
        readonly kind: string
        readonly outreachType: string
        /** The ids of the Workbooks column may be of records of another kind. */
        readonly isParty?: true
      }
    | undefined
  /** Of `members`, and of each `member`: where the people and their roles stand. */
  readonly members?: Members | undefined
  /** Of a `member`: the one person whose roles are its value. */
  readonly member?: Member | undefined
}

type Form = Pick<Field, 'form'>

/** Whether it is a relationship in Outreach, not an attribute. */
export function isLink({ form }: Form): boolean {
  return form === 'owner' || form === 'parent' || form === 'stage'
}

/** Whether it is the first element of a list in Outreach, whose rest is kept. */
export function isListElement({ form }: Form): boolean {
  return form === 'list' || form === 'emails'
}

/** By form: other names that Outreach tells the same by. Webhooks may call the stage `stage` (outreach-api 1.7). */
const otherNames: Readonly<Partial<Record<FormName, readonly string[]>>> = {
  'opt-out': ['optedOut', 'emailOptedOut'],
  stage: ['stage'],
}

/** The Outreach names that a field is read from; it is written to the first. */
export function outreachNamesOf({ form, outreach }: Pick<Field, 'form' | 'outreach'>): string[] {
  return [...new Set([outreach, ...(otherNames[form] ?? [])])]
}

type Told = {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, unknown>>
}

/** Whether an event's values, new or before, have this field among them. */
export function isToldIn(
  field: Pick<Field, 'form' | 'outreach' | 'member' | 'members'>,
  told: Told,
): boolean {
  const { members, member } = field
  if (members !== undefined) return isRowTold(members, member, told.attributes)
  const from = isLink(field) ? told.links : told.attributes
  return outreachNamesOf(field).some((name) => name in from)
}

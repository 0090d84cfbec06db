import type { System } from '../../../schemas/record-ref.ts'
import { rowsOn } from './rows.ts'

/**
 * Of a field whose form is `members`: people who belong to the record, each with roles. Two parallel
 * columns in Workbooks; in Outreach rows of a type of their own, several for one person possible.
 */
export type Members = {
  /** The two Workbooks columns. */
  readonly idsColumn: string
  readonly rolesColumn: string
  readonly rowType: string
  /** The kind of the people, which is their type in Workbooks, and their type in Outreach. */
  readonly kind: string
  readonly outreachType: string
  /** The row's relationships: to the record, and to the person. */
  readonly ownerLink: string
  readonly memberLink: string
  readonly roleAttribute: string
  /** Characters that a role may have in Outreach. */
  readonly roleMaxLength: number
}

/** As a kind's default mapping has it: the rest stands in its line. */
export type MembersLine = Omit<Members, 'idsColumn' | 'rowType'>

/** One person of such a field. Both ids: linked, or they were until their pair was closed. */
export type Member = {
  readonly workbooksId?: string | undefined
  readonly outreachId?: string | undefined
  /** A contact that is no person that we know, an organisation mostly: left alone. */
  readonly isStranger?: true
  /**
   * The system that one of their two records is gone from: the pair is closed and may be opened again. Until
   * then they are left out of the merge, and what was agreed of them stays (rulebook 7).
   */
  readonly goneFrom?: System | undefined
  /** The ids of the rows that stand in Outreach. */
  readonly rowIds?: readonly string[]
  /** Why nothing of this field can be written to Workbooks now. */
  readonly unwritable?: string | undefined
}

/** Whether their roles can be carried over now. */
export function isLinkedMember({ workbooksId, outreachId, goneFrom }: Member): boolean {
  return workbooksId !== undefined && outreachId !== undefined && goneFrom === undefined
}

/** Whether an event tells of a row of this person; of anybody where none is named. */
export function isRowTold(
  { rowType }: Pick<Members, 'rowType'>,
  member: Member | undefined,
  attributes: Readonly<Record<string, unknown>>,
): boolean {
  const rows = rowsOn(attributes, rowType) ?? []
  return member === undefined
    ? rows.length > 0
    : rows.some((row) => row.member === member.outreachId)
}

/** The name of a member's own field; by the Workbooks id where there is one. */
export function toMemberName(base: string, { workbooksId, outreachId }: Member): string {
  return `${base}[${workbooksId ?? `outreach:${outreachId ?? ''}`}]`
}

/** Whether a name is that of a member's field of this one. */
export function isMemberName(base: string, name: string): boolean {
  return name.startsWith(`${base}[`)
}

import { settleKind } from '../kinds/settle-kind.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { toMemberName, type Member } from './members.ts'
import { isMembersField, type MemberField, type MembersField } from './member-values.ts'

/** The line of the default mapping that stands for an opportunity's contacts. */
export function contactsLine(): MembersField {
  const line = settleKind(opportunity).fields.find(isMembersField)
  if (line === undefined) throw new Error('The default mapping maps no contacts')
  return line
}

/** One person's own field. */
export function contactField(member: Member): MemberField {
  const line = contactsLine()
  return {
    ...line,
    workbooks: toMemberName(line.workbooks, member),
    outreach: `${line.outreach}[${member.outreachId ?? ''}]`,
    form: 'member',
    member,
  }
}

export const mara = { workbooksId: '12', outreachId: '88001' }
export const ben = { workbooksId: '13', outreachId: '88002' }

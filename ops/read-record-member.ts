import { readRecordRef, toRecordRef, type RecordRef } from '../schemas/record-ref.ts'
import type { Input, Members } from './verb.ts'

const example = 'workbooks:organisation:226 or outreach:account:4101'

/** The member `record`, which must name one record of one system. */
export function readRecordMember(members: Members): Input<RecordRef> {
  const given = members['record']
  if (given === undefined || given === '') {
    return wrong(`record is missing: write <system>:<type>:<id>, for example ${example}`)
  }
  const parts = typeof given === 'string' ? readRecordRef(given) : undefined
  if (parts === undefined) {
    const shown = JSON.stringify(given).slice(0, 120)
    return wrong(`record must be <system>:<type>:<id>, for example ${example}, not ${shown}`)
  }
  return { kind: 'input', input: toRecordRef(parts) }
}

function wrong(sentence: string): Input<never> {
  return { kind: 'wrong', sentence }
}

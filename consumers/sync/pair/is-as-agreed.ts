import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { Pair } from '../../../state/pairs.ts'
import { toOutreachValues } from '../fields/record-values.ts'
import { sameValue } from '../fields/value.ts'
import { overwrote } from '../engine/classify-hint.ts'
import { isMembersField } from '../members/member-values.ts'
import { areRowsAsAgreed } from '../members/rows-as-agreed.ts'
import { readMemory } from '../merge/memory.ts'
import { isTrashed } from './is-trashed.ts'
import type { Work } from './work.ts'

/**
 * Whether an event of Outreach that names nothing is answered by the Outreach record alone: every field
 * is as it was agreed, and nothing of ours is under way. A person's e-mails and phones change unnamed, most
 * such events change nothing at all (outreach-api 1.6, 1.8).
 */
export function isAsAgreed({ kind, hint }: Work, pair: Pair, record: OutreachRecord): boolean {
  const memory = readMemory(pair.memory)
  const { agreed, pending, patches = [] } = memory
  if (pending !== undefined || !pair.idSeen || isTrashed(record)) return false
  if (hint.events.some((event) => overwrote(kind, event, patches))) return false
  const values = toOutreachValues(kind.fields, record)
  return kind.fields.every((field) => {
    if (isMembersField(field)) return areRowsAsAgreed(field, memory, record.attributes)
    const name = field.workbooks
    const known = agreed[name]
    return known !== undefined && sameValue(known.o, values[name] ?? null)
  })
}

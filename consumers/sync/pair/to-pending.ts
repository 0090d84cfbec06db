import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { isListElement, type Field } from '../fields/field.ts'
import { readOutreachValue } from '../fields/record-values.ts'
import type { Value } from '../fields/value.ts'
import type { Values } from '../merge/merge-fields.ts'
import type { PendingWrite } from '../merge/memory.ts'
import type { PairMerge } from './merge-pair.ts'

/** What a side holds once these are written; a blank is written too. */
export function valueIn(name: string, written: Values, values: Values): Value {
  return (name in written ? written[name] : values[name]) ?? null
}

/** Of a PATCH that is about to leave. */
export function toPendingPatch(
  { merged, values, sourceTimeOf }: PairMerge,
  fields: readonly Field[],
  { attributes }: Pick<OutreachRecord, 'attributes'>,
): PendingWrite {
  const entries = fields.map((field) => {
    const name = field.workbooks
    // Of a list what stands in front afterwards: where an element is cleared, the next one moves up.
    const sent = isListElement(field)
      ? readOutreachValue(field, { attributes, links: {} })
      : merged.send[name]
    const [from, was] = [values.w[name] ?? null, values.o[name] ?? null]
    const isRestored = name in merged.receive ? { isRestored: true as const } : {}
    const sourceTime = sourceTimeOf(name)
    return [name, { from, sent: sent ?? null, was, sourceTime, ...isRestored }] as const
  })
  return toPending('outreach', Object.fromEntries(entries), merged)
}

/** Of a Workbooks row that is about to be written. */
export function toPendingUpdate({ merged, values }: PairMerge): PendingWrite {
  const entries = Object.entries(merged.receive).map(([name, sent]) => {
    const from = valueIn(name, merged.send, values.o)
    return [name, { from, sent, was: values.w[name] ?? null }] as const
  })
  return toPending('workbooks', Object.fromEntries(entries), merged)
}

function toPending(
  system: PendingWrite['system'],
  fields: PendingWrite['fields'],
  merged: PairMerge['merged'],
): PendingWrite {
  const isOwn = (field: string) =>
    field in fields && (system === 'outreach' || !(field in merged.send))
  const conflicts = merged.conflicts.filter(({ field }) => isOwn(field))
  return conflicts.length === 0 ? { system, fields } : { system, fields, conflicts }
}

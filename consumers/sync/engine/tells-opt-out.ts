import { outreachNamesOf } from '../fields/field.ts'
import { isTrue } from '../fields/record-values.ts'
import type { Hint } from '../hint.ts'
import type { Kind } from '../kinds/kind.ts'

/** Whether an event says that somebody opted out: it is handled first among what is in hand (rulebook 11). */
export function tellsOptOut(kinds: readonly Kind[], { kind: name, side, events }: Hint): boolean {
  const fields = kinds.find((kind) => kind.name === name)?.fields ?? []
  const marks = fields
    .filter(({ form }) => form === 'opt-out')
    .flatMap((field) => (side === 'outreach' ? outreachNamesOf(field) : [field.workbooks]))
  return events.some(({ changed }) => marks.some((mark) => isTrue(changed[mark])))
}

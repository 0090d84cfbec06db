import type { Pair } from '../../../state/pairs.ts'
import { isToldIn, type Field } from '../fields/field.ts'
import { readOutreachValue } from '../fields/record-values.ts'
import { sameValue } from '../fields/value.ts'
import type { Hint, HintEvent } from '../hint.ts'
import type { Kind } from '../kinds/kind.ts'
import { isMembersField } from '../members/member-values.ts'
import { isRowEcho } from '../members/rows-as-agreed.ts'
import { readMemory } from '../merge/memory.ts'

/** What a hint is worth at once (rulebook 2). */
export type Worth =
  /** It goes now. */
  | 'prompt'
  /** It names nothing that could matter: it waits for company, at most five seconds. */
  | 'idle'
  /** It moves `touchedAt` only: it costs nothing. */
  | 'nothing'

/** An echo, mostly, names no mapped field or only values that both sides have agreed on. */
export function classifyHint(kind: Kind, hint: Hint, pair: Pair | undefined): Worth {
  const worths = hint.events.map((event) =>
    hint.side === 'outreach'
      ? classifyOutreachEvent(kind, event, pair)
      : classifyWorkbooksEvent(event, pair),
  )
  if (worths.includes('prompt')) return 'prompt'
  return worths.includes('idle') ? 'idle' : 'nothing'
}

function classifyOutreachEvent(kind: Kind, event: HintEvent, pair: Pair | undefined): Worth {
  if (!mayBeEcho(event, pair)) return 'prompt'
  const named = [...Object.keys(event.changed), ...Object.keys(event.links)]
  if (named.length === 1 && named[0] === 'touchedAt') return 'nothing'
  const { changed: attributes, links } = event
  const fields = kind.fields.filter((field) => isToldIn(field, { attributes, links }))
  // A reference or a trash mark is no field, and yet matters.
  const isMarked = named.includes('trashedAt') || named.includes(kind.reference)
  if (isMarked) return 'prompt'
  if (fields.length === 0) return 'idle'
  return pair !== undefined && isEchoOf(kind, event, { pair, fields }) ? 'idle' : 'prompt'
}

/** The making of a record that is linked is told late, or told of what we made ourselves. */
function mayBeEcho({ origin, action }: HintEvent, pair: Pair | undefined): boolean {
  if (origin !== 'webhook') return false
  return action === 'updated' || (action === 'created' && pair?.status === 'linked')
}

type Echoed = { readonly pair: Pair; readonly fields: readonly Field[] }

/** Whether it names only values that were agreed on, and hides no edit that we overwrote. */
function isEchoOf(kind: Kind, event: HintEvent, { pair, fields }: Echoed): boolean {
  const memory = readMemory(pair.memory)
  const { agreed, patches = [] } = memory
  const isEcho = fields.every((field) => {
    if (isMembersField(field)) return isRowEcho(field, event, memory)
    const known = agreed[field.workbooks]
    const value = readOutreachValue(field, { attributes: event.changed, links: event.links })
    return known !== undefined && known.apart !== true && sameValue(known.o, value)
  })
  return isEcho && !(patches.length > 0 && overwrote(kind, event, patches))
}

type Patches = NonNullable<ReturnType<typeof readMemory>['patches']>

/** Whether the values before it, in our own write's echo, may be somebody's edit that we overwrote. */
export function overwrote(kind: Kind, event: HintEvent, patches: Patches): boolean {
  return kind.fields.some((field) => {
    const told = { attributes: event.before, links: event.linksBefore }
    if (!isToldIn(field, told)) return false
    const before = readOutreachValue(field, told)
    return patches.some(({ fields }) => {
      const ours = fields[field.outreach]
      return ours !== undefined && !sameValue(ours.read, before) && !sameValue(ours.left, before)
    })
  })
}

/** A hook that tells of a version that was read, or made, here already. */
function classifyWorkbooksEvent(event: HintEvent, pair: Pair | undefined): Worth {
  if (!mayBeEcho(event, pair)) return 'prompt'
  if (event.lockVersion === undefined || pair?.status !== 'linked') return 'prompt'
  const { lockVersion } = readMemory(pair.memory)
  return lockVersion !== undefined && event.lockVersion <= lockVersion ? 'idle' : 'prompt'
}

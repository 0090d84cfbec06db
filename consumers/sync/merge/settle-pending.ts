import { isBlank, isList, sameValue, type Value } from '../fields/value.ts'
import type { PairMemory } from './memory.ts'

type Values = Readonly<Record<string, Value>>

/**
 * After a crash between a write and its memory: what the target holds now is agreed where it is what
 * we sent, or its rendering of it. Anything else is left to the merge (rulebook 8).
 */
export function settlePending(memory: PairMemory, now: { w: Values; o: Values }): PairMemory {
  const { pending, ...rest } = memory
  if (pending === undefined) return memory
  const agreed = { ...memory.agreed }
  for (const [field, { from, sent }] of Object.entries(pending.fields)) {
    const target = (pending.system === 'outreach' ? now.o : now.w)[field] ?? null
    const before = memory.agreed[field]
    const old = pending.system === 'outreach' ? before?.o : before?.w
    // Where the target still holds the old value the write never arrived.
    if (old !== undefined && sameValue(target, old) && !sameValue(target, sent)) continue
    if (!isRendering(sent, target)) continue
    agreed[field] = pending.system === 'outreach' ? { w: from, o: target } : { w: target, o: from }
  }
  return { ...rest, agreed }
}

/** Whether a target may have made `got` of `sent`: trimmed, cut, or formatted it. */
export function isRendering(sent: Value, got: Value): boolean {
  if (sameValue(sent, got)) return true
  if (isBlank(sent) || isBlank(got)) return isBlank(sent) && isBlank(got)
  if (isList(sent) || isList(got)) return false
  const [one, two] = [bare(sent), bare(got)]
  if (one === '' || two === '') return false
  return one === two || (two.length >= 100 && one.startsWith(two))
}

/** Letters and digits only: what formatting leaves as it is. */
function bare(value: Value): string {
  return String(value)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

import { sameValue } from '../fields/value.ts'
import type { Values } from '../merge/merge-fields.ts'
import { readMemory, type PairMemory } from '../merge/memory.ts'
import type { Pair } from '../../../state/pairs.ts'
import { keepMemory } from '../pair/keep-pair.ts'
import { mustHold, type Step, type SyncDeps, type Work } from '../pair/work.ts'

/** A row that was about to be made, nobody heard an answer, and it is not to be seen. */
export type UnsureRow = {
  readonly field: string
  /** Epoch ms: it was looked for then as well; undefined: this is the first look. */
  readonly lookedAt: number | undefined
}

/** After an unknown answer a row is looked for at once and again this much later (rulebook 4). */
const lookAgainMs = 5_000

/** By the memory as it was kept, and both sides as they are now. */
export function findUnsureRows(
  { pending }: PairMemory,
  { o }: { readonly o: Values },
): readonly UnsureRow[] {
  if (pending?.system !== 'outreach') return []
  return Object.entries(pending.fields).flatMap(([field, { makesRow, was, sent, lookedAt }]) => {
    const now = o[field] ?? null
    const isThere = !sameValue(now, was) || sameValue(now, sent)
    return makesRow !== true || isThere ? [] : [{ field, lookedAt }]
  })
}

type Looked = {
  readonly pair: Pair
  readonly unsure: readonly UnsureRow[]
  /** What is to be written to Outreach now, by field. */
  readonly send: Values
}

/**
 * Undefined once such a row was looked for twice, five seconds apart, or is not wanted any more; else when
 * to look again. That it was looked for is kept, so that a crash does not make it twice.
 */
export async function mustLookForRows(
  { store, now }: Pick<SyncDeps, 'store' | 'now'>,
  work: Work,
  { pair, unsure, send }: Looked,
): Promise<Step | undefined> {
  const wanted = unsure.filter(({ field }) => field in send)
  const [first] = wanted
  if (first === undefined) return undefined
  const { lookedAt } = first
  if (lookedAt !== undefined) {
    const at = lookedAt + lookAgainMs
    return now() < at ? { kind: 'look-again', at } : undefined
  }
  mustHold(work)
  const at = now()
  const fields = new Set(wanted.map(({ field }) => field))
  const memory = withLook(readMemory(pair.memory), fields, at)
  await store.write(keepMemory(work.kind, { pair, memory }, at))
  return { kind: 'look-again', at: at + lookAgainMs }
}

function withLook(memory: PairMemory, fields: ReadonlySet<string>, at: number): PairMemory {
  const { pending } = memory
  if (pending === undefined) return memory
  const entries = Object.entries(pending.fields).map(([field, one]) => {
    return [field, fields.has(field) ? { ...one, lookedAt: at } : one] as const
  })
  return { ...memory, pending: { ...pending, fields: Object.fromEntries(entries) } }
}

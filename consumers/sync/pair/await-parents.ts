import { readMemory } from '../merge/memory.ts'
import { toNamedParents, toParentKey, type NamedParent } from '../relations/named-parents.ts'
import type { Values } from '../merge/merge-fields.ts'
import { prepareCarriers, type CarrierDeps } from './prepare-carriers.ts'
import { laneOfHint } from '../hint.ts'
import { workbooksRef } from '../kinds/kind.ts'
import type { Step, SyncDeps, Work } from './work.ts'

type Waiting = {
  readonly workbooksId: string
  /** The pair's memory as the state has it; undefined where the pair is new. */
  readonly before: string | undefined
  readonly parents: readonly NamedParent[]
}

/**
 * Asks for the parents that this pair begins to wait for, once for all who wait: one that may not be
 * synchronised is waited for, not asked for again (rulebook 6). Stands before the wait is written.
 */
export async function requestParents(deps: SyncDeps, work: Work, waiting: Waiting): Promise<void> {
  const child = workbooksRef(work.kind, waiting.workbooksId)
  for (const { parent, field } of toNewlyAwaited(waiting)) {
    if (await deps.relations.isNamed(parent)) continue
    const reason = `${child} names it by ${field}`
    // What many children name at once, in a backfill, is no more urgent than they are.
    const isBulk = laneOfHint(work.hint) !== 'live'
    await deps.requestSync([{ record: parent, reason, isBulk }], work)
  }
}

/**
 * The wait is written: was a parent linked in the meantime? Whoever links it looks for those who wait
 * afterwards, so that one of the two sees the other (rulebook 6).
 */
export async function lookForParents(
  deps: CarrierDeps,
  work: Work,
  waiting: Waiting & { readonly after: { readonly w: Values; readonly o: Values } },
): Promise<Step | undefined> {
  const awaited = new Set(toNewlyAwaited(waiting).map(toParentKey))
  if (awaited.size === 0) return undefined
  const carrierOf = await prepareCarriers(deps, work, waiting.after)
  const now = toNamedParents(work.kind.fields, waiting.after, carrierOf)
  const isLinked = now.some((named) => awaited.has(toParentKey(named)) && !named.isAwaited)
  return isLinked ? { kind: 'again', why: 'the record that it waits for was linked' } : undefined
}

function toNewlyAwaited({ before, parents }: Waiting): readonly NamedParent[] {
  const known = new Set(before === undefined ? [] : readMemory(before).parents)
  return parents.filter((named) => named.isAwaited && !known.has(toParentKey(named)))
}

import { writePair, type Pair } from '../../../state/pairs.ts'
import { removeRelations, writeRelations, writeWake } from '../../../state/relations.ts'
import type { Statement } from '../../../state/state-store.ts'
import { outreachRef, workbooksRef, type Kind } from '../kinds/kind.ts'
import { printMemory, readMemory, type PairMemory } from '../merge/memory.ts'

type Kinds = Pick<Kind, 'workbooks' | 'outreach' | 'isParent'>

/**
 * Keeps a pair that is linked, and with it whom it names: `before` is its memory as the state has it, so
 * that relations are written only where they changed. A pair that is new wakes whoever waited for it.
 */
export function keepPair(
  kind: Kinds,
  { pair, before }: { readonly pair: Pair; readonly before: string | undefined },
  at: number,
): readonly Statement[] {
  const child = workbooksRef(kind, pair.workbooksId)
  const { parents } = readMemory(pair.memory)
  const was = before === undefined ? undefined : readMemory(before).parents
  const isSame = (was ?? []).join() === (parents ?? []).join()
  const wake = { workbooks: child, outreach: outreachRef(kind, pair.outreachId) }
  return [
    writePair(pair, at),
    ...(isSame && before !== undefined ? [] : writeRelations(child, toRelations(parents ?? []))),
    ...(before === undefined && kind.isParent === true ? [writeWake(wake, at)] : []),
  ]
}

/** The same for one whose memory alone has changed: `pair` is as the state has it. */
export function keepMemory(
  kind: Kinds,
  { pair, memory }: { readonly pair: Pair; readonly memory: PairMemory },
  at: number,
): readonly Statement[] {
  return keepPair(kind, { pair: { ...pair, memory: printMemory(memory) }, before: pair.memory }, at)
}

/** A pair that is over, closed or forgotten: it waits for nobody any more. */
export function endPair(kind: Kinds, pair: Pair, at: number): readonly Statement[] {
  return [writePair(pair, at), removeRelations(workbooksRef(kind, pair.workbooksId))]
}

function toRelations(parents: readonly string[]) {
  return parents.map((one) => {
    // A field's name may hold blanks, a reference does not.
    const at = one.lastIndexOf(' ')
    return { field: one.slice(0, at), parent: one.slice(at + 1) }
  })
}

import { absentSuffix } from '../../../state/relations.ts'
import { readRecordRef } from '../../../schemas/record-ref.ts'
import { isMemberField, toShownName } from '../members/member-values.ts'
import { readMemory } from '../merge/memory.ts'
import { toNamedParents, toParentKey, type NamedParent } from '../relations/named-parents.ts'
import type { Values } from '../merge/merge-fields.ts'
import { prepareCarriers, type CarrierDeps } from './prepare-carriers.ts'
import { laneOfHint } from '../hint.ts'
import { isEligible } from '../kinds/is-eligible.ts'
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
 * synchronised is waited for, not asked for again (rulebook 6). Whom an old pair named before we came is
 * waited for only (rulebook 3). Stands before the wait is written.
 */
export async function requestParents(deps: SyncDeps, work: Work, waiting: Waiting): Promise<void> {
  const child = workbooksRef(work.kind, waiting.workbooksId)
  for (const { parent, field, isUnasked } of toNewlyAwaited(waiting)) {
    if (isUnasked === true) continue
    if (await deps.relations.isNamed(parent)) continue
    const reason = `${child} names it by ${toShownName(work.kind.fields, field)}`
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
  deps: CarrierDeps & Pick<SyncDeps, 'recordsOf' | 'kindNamed'>,
  work: Work,
  waiting: Waiting & { readonly after: { readonly w: Values; readonly o: Values } },
): Promise<Step | undefined> {
  if (await isBackAgain(deps, work, waiting)) {
    return { kind: 'again', why: 'a person whom it waits for takes part again' }
  }
  const awaited = new Set(toNewlyAwaited(waiting).map(toAskedKey))
  if (awaited.size === 0) return undefined
  const carrierOf = await prepareCarriers(deps, work, waiting.after)
  const now = toNamedParents(work.kind.fields, waiting.after, carrierOf)
  const isLinked =
    now.some((named) => awaited.has(toAskedKey(named)) && !named.isAwaited) ||
    (await areMembersLinked(deps, work, waiting))
  return isLinked ? { kind: 'again', why: 'the record that it waits for was linked' } : undefined
}

/** Whoever takes part again looks for those who wait, and may have looked before this one did. */
async function isBackAgain(
  { recordsOf, kindNamed }: Pick<SyncDeps, 'recordsOf' | 'kindNamed'>,
  { call, calls }: Work,
  waiting: Waiting,
): Promise<boolean> {
  const absent = toNew(waiting).filter(({ isAbsent }) => isAbsent === true)
  if (absent.length === 0) return false
  calls.count += 1
  const found = await Promise.all(
    absent.map(async ({ parent }) => {
      const parts = readRecordRef(parent)
      const kind = kindNamed(parts?.type ?? '')
      if (parts === undefined || kind === undefined) return false
      const now = await recordsOf(kind).readWorkbooks(parts.id, call)
      return now.kind === 'here' && isEligible(now.record, kind.columns).kind === 'eligible'
    }),
  )
  return found.includes(true)
}

async function areMembersLinked(
  { pairs }: CarrierDeps,
  { kind }: Work,
  waiting: Waiting,
): Promise<boolean> {
  const names = new Map(
    kind.fields.filter(isMemberField).flatMap((field) => {
      const { workbooks: name } = field
      return [[name, field] as const, [`${name}${absentSuffix}`, field] as const]
    }),
  )
  const found = await Promise.all(
    toNewlyAwaited(waiting).map(async ({ field, parent }) => {
      const parts = readRecordRef(parent)
      const { members } = names.get(field) ?? {}
      if (parts === undefined || members === undefined) return []
      return pairs.byRecords(members.kind, parts.system, [parts.id])
    }),
  )
  return found.flat().some(({ status }) => status === 'linked')
}

function toAskedKey({ field, parent }: NamedParent): string {
  return toParentKey({ field, parent })
}

function toNewlyAwaited(waiting: Waiting): readonly NamedParent[] {
  return toNew(waiting).filter(({ isAwaited }) => isAwaited)
}

function toNew({ before, parents }: Waiting): readonly NamedParent[] {
  const known = new Set(before === undefined ? [] : readMemory(before).parents)
  return parents.filter((named) => !known.has(toParentKey(named)))
}

import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Pair } from '../../../state/pairs.ts'
import type { Statement } from '../../../state/state-store.ts'
import { toText } from '../fields/record-values.ts'
import { workbooksRef } from '../kinds/kind.ts'
import { endPair } from './keep-pair.ts'
import type { Step, SyncDeps, Work } from './work.ts'

export type Claim =
  /** Nobody else has them any more; `statements` end the pairs that stood for them. */
  | { readonly kind: 'free'; readonly statements: readonly Statement[] }
  | { readonly kind: 'taken'; readonly by: Pair }
  | { readonly kind: 'widen'; readonly step: Step }

type Wanted = { readonly w: WorkbooksRecord; readonly outreachId: string }

/**
 * A record has at most one partner (rulebook 4): whether both records are free to become a pair, with
 * what stood before ended where a person moved the Outreach Id, or where its record is deleted.
 */
export async function claimRecords(
  deps: SyncDeps,
  work: Work,
  { w, outreachId }: Wanted,
): Promise<Claim> {
  const { kind } = work
  const [ofW, ofO] = await Promise.all([
    deps.pairs.byRecords(kind.name, 'workbooks', [w.id]),
    deps.pairs.byRecords(kind.name, 'outreach', [outreachId]),
  ])
  const statements: Statement[] = []
  const other = ofW.find((pair) => pair.status === 'linked' && pair.outreachId !== outreachId)
  if (other !== undefined) {
    if (!hasLeft(work, w, other)) return { kind: 'taken', by: other }
    statements.push(...endPair(kind, { ...other, status: 'forgotten' }, deps.now()))
  }
  const holder = ofO.find((pair) => pair.status === 'linked' && pair.workbooksId !== w.id)
  if (holder === undefined) return { kind: 'free', statements }
  const ended = await endMovedPair(deps, work, holder)
  if (ended.kind !== 'free') return ended
  return { kind: 'free', statements: [...statements, ...ended.statements] }
}

async function endMovedPair(deps: SyncDeps, work: Work, pair: Pair): Promise<Claim> {
  const key = workbooksRef(work.kind, pair.workbooksId)
  if (!work.held.has(key)) return { kind: 'widen', step: { kind: 'widen', keys: [key] } }
  work.calls.count += 1
  const found = await work.records.readWorkbooks(pair.workbooksId, work.call)
  if (found.kind !== 'here') return { kind: 'taken', by: pair }
  if (found.record.isDeleted) {
    const closed: Pair = { ...pair, status: 'closed', closedWhy: 'workbooks gone' }
    return { kind: 'free', statements: endPair(work.kind, closed, deps.now()) }
  }
  if (!hasLeft(work, found.record, pair)) return { kind: 'taken', by: pair }
  const forgotten: Pair = { ...pair, status: 'forgotten' }
  return { kind: 'free', statements: endPair(work.kind, forgotten, deps.now()) }
}

/** Whether a person took the Outreach Id of this pair off the record; a column that is not shown proves nothing. */
function hasLeft({ kind }: Work, { columns }: WorkbooksRecord, pair: Pair): boolean {
  const { outreachId } = kind.columns
  if (!pair.idSeen || !(outreachId in columns)) return false
  return toText(columns[outreachId]) !== pair.outreachId
}

import { readRecordRef, toRecordRef, type RecordRef } from '../../../schemas/record-ref.ts'
import { isMembersField } from '../members/member-values.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { mustHold, settled, type Step, type SyncDeps, type Work } from './work.ts'

/**
 * An event names a row of a record's people, and nothing says which record that is: the row is read, in
 * one call with others, and its record is asked for (rulebook 7).
 */
export async function syncRow(deps: SyncDeps, work: Work): Promise<Step> {
  const { kind, hint, call, calls } = work
  const line = kind.fields.find(isMembersField)
  if (line === undefined) return tell(deps, work, 'Its people are left alone.')
  calls.count += 1
  const found = await work.records.readRow(hint.id, call)
  const type = hint.part ?? line.members.rowType
  if (found.kind !== 'here') {
    return tell(
      deps,
      work,
      `outreach:${type}:${hint.id} is not there any more, and nothing says whose it was.`,
    )
  }
  const owners = [found.record.links[line.members.ownerLink], ...ownersBefore(work)]
  const refs = [...new Set(owners)].flatMap((id): RecordRef[] => {
    const parts = readRecordRef(`outreach:${kind.outreach.type}:${id ?? ''}`)
    return parts === undefined ? [] : [toRecordRef(parts)]
  })
  const reason = `outreach:${type}:${hint.id} was changed`
  mustHold(work)
  await deps.requestSync(
    refs.map((record) => ({ record, reason })),
    work,
  )
  return tell(deps, work, `It belongs to ${refs.join(' and ')}, which is asked for.`)
}

/** A row that moved is missed where it was, too. */
function ownersBefore({ hint }: Work): readonly string[] {
  return hint.events.flatMap(({ owners = [] }) => owners)
}

async function tell(deps: SyncDeps, work: Work, reason: string): Promise<Step> {
  const told = { outcome: 'unchanged', reason } as const
  await settle(
    deps,
    { ...work, keepsFlags: true },
    { outcomes: [toOutcome(work, told, deps.now())] },
  )
  return settled
}

import { readRecordRef, toRecordRef, type RecordRef } from '../../../schemas/record-ref.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { Hint } from '../hint.ts'
import { toRows } from '../members/make-member-rows.ts'
import { isMembersField, type MembersField } from '../members/member-values.ts'
import { ofMember } from '../members/row-event.ts'
import { isRowEcho } from '../members/rows-as-agreed.ts'
import { readMemory } from '../merge/memory.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { mustHold, settled, type Step, type SyncDeps, type Work } from './work.ts'

/**
 * An event names a row of a record's people, and nothing says which record that is: the row is read, in
 * one call with others, and what was said of it is a hint about its record; a row that was moved asks for
 * both of its records (rulebook 7).
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
  const [ref] = refs
  if (ref !== undefined && refs.length === 1) {
    const own = toOwnersHint(work, { line, row: found.record })
    const isKnown = await isKnownRow(deps, own, { line, row: found.record })
    if (isKnown) return tell(deps, work, 'It tells of nothing that both sides do not have.')
    return { kind: 'widen', keys: [ref], hint: own }
  }
  const reason = `outreach:${type}:${hint.id} was changed`
  mustHold(work)
  await deps.requestSync(
    refs.map((record) => ({ record, reason })),
    work,
  )
  return tell(deps, work, `It belongs to ${refs.join(' and ')}, which is asked for.`)
}

type Found = { readonly line: MembersField; readonly row: OutreachRecord }

/** The same about the record that the row belongs to, with the person whom the row names. */
function toOwnersHint({ hint }: Work, { line: { members }, row }: Found): Hint {
  const { kind, side } = hint
  const member = row.links[members.memberLink] ?? ''
  const events = hint.events.map((event) => ofMember(members, event, member))
  return { kind, side, id: row.links[members.ownerLink] ?? hint.id, events }
}

/** The echo of a row that another process wrote, mostly. */
async function isKnownRow(
  { pairs }: Pick<SyncDeps, 'pairs'>,
  hint: Hint,
  { line, row }: Found,
): Promise<boolean> {
  const found = await pairs.byRecords(hint.kind, 'outreach', [hint.id])
  const pair = found.find(({ status }) => status === 'linked')
  if (pair === undefined) return false
  const memory = readMemory(pair.memory)
  const changed = { [line.members.rowType]: toRows(line.members, [row]) }
  return hint.events.every((event) => isRowEcho(line, { ...event, changed }, memory))
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

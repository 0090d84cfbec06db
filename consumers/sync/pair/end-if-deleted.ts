import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { takeBackIntent, type Intent } from '../../../state/intents.ts'
import type { Pair } from '../../../state/pairs.ts'
import { toText } from '../fields/record-values.ts'
import { outreachRef, workbooksRef } from '../kinds/kind.ts'
import { emptyMemory, printMemory } from '../merge/memory.ts'
import { endPair } from './keep-pair.ts'
import { settle } from './settle.ts'
import { toOutcome } from './to-outcome.ts'
import { settled, type Step, type SyncDeps, type Work } from './work.ts'

type Lost = { readonly o: OutreachRecord; readonly intent: Intent }

/**
 * A create whose answer was lost may have made a record that somebody has deleted since: the pair is
 * closed, and nothing is re-created (rulebook 11). Undefined: there is no such record.
 */
export async function endIfDeleted(
  deps: SyncDeps,
  work: Work,
  { o, intent }: Lost,
): Promise<Step | undefined> {
  const { kind, records, call, calls } = work
  const reference = outreachRef(kind, o.id)
  calls.count += 1
  const rows = await records.findDeletedInWorkbooks(reference, call)
  // A filter that Workbooks ignores must not end a stranger.
  const gone = rows.find(
    ({ isDeleted, columns }) =>
      isDeleted && toText(columns['created_through_reference']) === reference,
  )
  if (gone === undefined) return undefined
  const closed: Pair = {
    ...{ kind: kind.name, workbooksId: gone.id, outreachId: o.id },
    status: 'closed',
    closedWhy: 'workbooks gone',
    madeFrom: 'outreach',
    idSeen: true,
    memory: printMemory(emptyMemory),
  }
  const reason = `${workbooksRef(kind, gone.id)} was made of it and is deleted; nothing is made again.`
  const told = { outcome: 'gone', workbooks: gone.id, outreach: o.id, reason } as const
  await settle(deps, work, {
    outcomes: [toOutcome(work, told, deps.now())],
    statements: [...endPair(kind, closed, deps.now()), takeBackIntent(intent)],
  })
  return settled
}

import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Connection } from '../connection.ts'
import { toSeconds } from '../fields/record-values.ts'
import type { Hint, HintEvent } from '../hint.ts'
import type { PairMemory } from '../merge/memory.ts'
import { toParentKey, type NamedParent } from '../relations/named-parents.ts'

/** Nobody has touched the row since its kind was first connected (rulebook 3). */
export function isOlderThan(
  { workbooks }: Connection,
  { columns }: Pick<WorkbooksRecord, 'columns'>,
): boolean {
  return toSeconds(columns['updated_at']) < workbooks
}

/** Nothing but the reading of old pairs asks for it (rulebook 3). */
export function isOnlyBackfilled({ events }: Pick<Hint, 'events'>): boolean {
  return events.every((event) => isRequest(event) && event.origin === 'backfill')
}

/** It is read in bulk, or another record names it: nobody says that it changed itself (rulebook 3, 7). */
export function isMerelyNamed({ events }: Pick<Hint, 'events'>): boolean {
  return events.every(
    (event) => isRequest(event) && ['backfill', 'relationship'].includes(event.origin),
  )
}

/**
 * Of an old pair: whom it names has stood there before us, and is asked for once somebody speaks of this
 * very record. Marks whom that leaves unasked (rulebook 3, 6); asked once, nobody is unasked again.
 */
export function markUnasked(
  named: readonly NamedParent[],
  { events, side }: Pick<Hint, 'events' | 'side'>,
  memory: PairMemory,
): readonly NamedParent[] {
  // An operator who brings records of Outreach wants their parents too.
  const silent = ['reconciliation', 'relationship', ...(side === 'workbooks' ? ['backfill'] : [])]
  if (memory.metAt === undefined || events.some(({ origin }) => !silent.includes(origin)))
    return named
  const known = new Set(memory.parents)
  const isMetNow = ({ field }: NamedParent) => {
    const agreed = memory.agreed[field]
    return agreed === undefined || agreed.apart === true
  }
  return named.map((one): NamedParent => {
    if (!one.isAwaited || known.has(toParentKey(one))) return one
    const unasked = { ...one, isUnasked: true } as const
    return known.has(toParentKey(unasked)) || isMetNow(one) ? unasked : one
  })
}

function isRequest({ action }: HintEvent): boolean {
  return action === 'requested'
}

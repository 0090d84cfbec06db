import type { Hold } from './make-hold.ts'
import { makeOldest } from './make-oldest.ts'
import { sequenceOf, spoolSql, toHeldEntry } from './table-store.ts'
import type { TableStore } from './table-store.ts'
import type { Held, Queue } from './spool.ts'

/** A page at its largest stays under 100 MB, whatever senders send. */
const MAX_PAGE = 50

type Deps = {
  readonly store: Pick<TableStore, 'read' | 'write'>
  readonly owner: string
  /** Rows beyond are still being written, and not yet promised to anybody. */
  readonly writtenUpTo: () => number
  readonly isEmpty: () => boolean
  /** Nothing is there, whatever was believed. */
  readonly emptied: () => void
  readonly forgotten: (held: readonly Held[]) => void
  readonly confirm: Hold['confirm']
}

/** The rows of one owner, living or dead, oldest first; what is forwarded is deleted batch by batch. */
export function makeTableQueue(deps: Deps): Pick<Queue, 'isEmpty' | 'oldest' | 'status'> {
  const { store, owner } = deps
  let forgottenUpTo = 0

  const readPage = async () => {
    const upTo = deps.writtenUpTo()
    const rows = await store.read(spoolSql.page(owner, forgottenUpTo, MAX_PAGE))
    const held = rows.map((row) => toHeldEntry(owner, row))
    if (held.length === 0 && upTo === deps.writtenUpTo()) deps.emptied()
    return held.filter((one) => sequenceOf(one) <= upTo)
  }
  const forget = async (held: readonly Held[]) => {
    const last = held.at(-1)
    if (last === undefined) return
    await store.write([spoolSql.forget(owner, sequenceOf(last))])
    forgottenUpTo = sequenceOf(last)
    deps.forgotten(held)
  }

  return {
    isEmpty: deps.isEmpty,
    oldest: makeOldest({
      readPage: async () => (deps.isEmpty() ? [] : await readPage()),
      forget,
      isStale: async () => !deps.isEmpty() && (await deps.confirm()),
    }),
    status: async () => {
      const [row] = await store.read(spoolSql.status(owner))
      const oldest = row?.['oldest'] ?? null
      return {
        events: Number(row?.['events'] ?? 0),
        oldestAt: oldest === null ? null : Number(oldest),
      }
    },
  }
}

import type { Author, Row } from './row.ts'
import { makeValueIndexes } from './value-index.ts'
import type { IndexKey, ValueIndexes } from './value-index.ts'

export type Change = {
  readonly controller: string
  readonly before: Row | undefined
  readonly after: Row
}

export type Transaction = {
  readonly row: (controller: string, id: number) => Row | undefined
  readonly rows: (controller: string) => readonly Row[]
  readonly put: (controller: string, row: Row) => void
  readonly nextId: (sequence: string) => number
  readonly nextRef: (controller: string) => number
  /** Makes everything put so far durable and visible, at once. */
  readonly commit: (author: Author) => readonly Change[]
}

export type JournalEntry =
  | { readonly rows: readonly (readonly [string, Row])[] }
  | { readonly hidden: readonly [string, number, boolean] }

export type Database = {
  readonly row: (controller: string, id: number) => Row | undefined
  readonly rows: (controller: string) => readonly Row[]
  /** Ids of the rows that hold this; quick, however many there are. */
  readonly idsWith: (controller: string, index: IndexKey, key: string) => Iterable<number>
  readonly begin: () => Transaction
  /** The id that the next row of this table will get. */
  readonly upcomingId: (controller: string) => number
  /** Counts the commits that touched a table. */
  readonly versionOf: (controller: string) => number
  /** A hidden row is out of everybody's sight, as after a lost right (workbooks-api 9). */
  readonly hide: (controller: string, id: number, isHidden: boolean) => void
  readonly isHidden: (controller: string, id: number) => boolean
  readonly onCommit: (listener: (changes: readonly Change[], author: Author) => void) => void
}

type Deps = {
  readonly entries: readonly JournalEntry[]
  readonly append: (entry: JournalEntry) => void
  readonly sequenceOf: (controller: string) => string
}

const firstIds: Readonly<Record<string, number>> = {
  party: 226,
  document: 5101,
  activity: 8301,
  // Queues of different record types have different ids, as at the real login (workbooks-api 2.3).
  'crm/person_queues': 6,
  'crm/organisation_queues': 16,
  'crm/opportunity_queues': 26,
  'activity/activity_queues': 36,
  'crm/case_queues': 46,
}

export const makeDatabase = (deps: Deps): Database => {
  const tables = new Map<string, Map<number, Row>>()
  const indexes = new Map<string, ValueIndexes>()
  const versions = new Map<string, number>()
  const lastIds = new Map<string, number>()
  const lastRefs = new Map<string, number>()
  const hidden = new Set<string>()
  const listeners: ((changes: readonly Change[], author: Author) => void)[] = []

  const table = (controller: string): Map<number, Row> => {
    const found = tables.get(controller) ?? new Map<number, Row>()
    tables.set(controller, found)
    return found
  }

  const lastId = (sequence: string): number =>
    lastIds.get(sequence) ?? (firstIds[sequence] ?? 1) - 1
  const lastRef = (controller: string): number => lastRefs.get(controller) ?? 100

  const indexesOf = (controller: string): ValueIndexes => {
    const found = indexes.get(controller) ?? makeValueIndexes()
    indexes.set(controller, found)
    return found
  }

  const store = (controller: string, row: Row): void => {
    indexesOf(controller).replace(table(controller).get(row.id), row)
    table(controller).set(row.id, row)
    const sequence = deps.sequenceOf(controller)
    lastIds.set(sequence, Math.max(lastId(sequence), row.id))
    lastRefs.set(controller, Math.max(lastRef(controller), row.ref))
    versions.set(controller, (versions.get(controller) ?? 0) + 1)
  }

  const setHidden = (controller: string, id: number, isHidden: boolean): void => {
    if (isHidden) hidden.add(`${controller}/${id}`)
    else hidden.delete(`${controller}/${id}`)
  }

  for (const entry of deps.entries) {
    if ('hidden' in entry) setHidden(...entry.hidden)
    else for (const [controller, row] of entry.rows) store(controller, row)
  }

  const begin = (): Transaction => {
    const draft = new Map<string, { controller: string; row: Row }>()
    const keyOf = (controller: string, id: number): string => `${controller}/${id}`
    return {
      row: (controller, id) =>
        draft.get(keyOf(controller, id))?.row ?? tables.get(controller)?.get(id),
      rows: (controller) => {
        const merged = new Map(table(controller))
        for (const put of draft.values())
          if (put.controller === controller) merged.set(put.row.id, put.row)
        return [...merged.values()]
      },
      put: (controller, row) => {
        draft.set(keyOf(controller, row.id), { controller, row })
      },
      // Numbers of a transaction that came to nothing stay used, as with any auto-increment.
      nextId: (sequence) => {
        const id = lastId(sequence) + 1
        lastIds.set(sequence, id)
        return id
      },
      nextRef: (controller) => {
        const ref = lastRef(controller) + 1
        lastRefs.set(controller, ref)
        return ref
      },
      commit: (author) => {
        const changes = [...draft.values()].map(({ controller, row }) => ({
          controller,
          before: tables.get(controller)?.get(row.id),
          after: row,
        }))
        draft.clear()
        if (changes.length === 0) return changes
        deps.append({ rows: changes.map(({ controller, after }) => [controller, after] as const) })
        for (const change of changes) store(change.controller, change.after)
        for (const listener of listeners) listener(changes, author)
        return changes
      },
    }
  }

  return {
    row: (controller, id) => tables.get(controller)?.get(id),
    rows: (controller) => [...table(controller).values()],
    idsWith: (controller, index, key) =>
      indexesOf(controller).find(index, key, () => table(controller).values()),
    begin,
    upcomingId: (controller) => lastId(deps.sequenceOf(controller)) + 1,
    versionOf: (controller) => versions.get(controller) ?? 0,
    hide: (controller, id, isHidden) => {
      deps.append({ hidden: [controller, id, isHidden] })
      setHidden(controller, id, isHidden)
    },
    isHidden: (controller, id) => hidden.size > 0 && hidden.has(`${controller}/${id}`),
    onCommit: (listener) => void listeners.push(listener),
  }
}

import type { Journal, Table } from './journal.ts'
import type { Resources } from './resources.ts'

export type Link = { readonly type: string; readonly id: number }

/** What is stored of a record; whatever else a reply shows is derived. */
export type Row = {
  readonly type: string
  readonly id: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, Link | null>>
}

export type RecordStore = {
  readonly find: (type: string, id: number) => Row | undefined
  /** In the order of their ids. */
  readonly all: (type: string) => Iterable<Row>
  /** Records of `type` whose to-one relationship `name` points at that id, in the order of their ids. */
  readonly linking: (type: string, name: string, id: number) => readonly Row[]
  readonly put: (row: Row) => void
  readonly remove: (row: Row) => void
  /** Never gives the same id twice, not even after the record has gone. */
  readonly nextId: (type: string) => number
  /** What `nextId` is going to give. */
  readonly upcomingId: (type: string) => number
  /** Another number after each change. */
  readonly version: () => number
}

// Far apart, as in a real org, so that the id of one type never passes for the id of another.
const firstIds: Readonly<Record<string, number>> = {
  account: 4101,
  call: 3301,
  emailAddress: 120301,
  mailing: 5501,
  opportunity: 901,
  opportunityProspectRole: 601,
  phoneNumber: 130501,
  prospect: 88001,
  sequence: 11,
  sequenceState: 9001,
  task: 70401,
  user: 31,
  webhook: 51,
}

export function makeRecordStore(journal: Journal, resources: Resources): RecordStore {
  const tables = new Map<string, Table<Row>>(
    resources.all.map(({ type }) => [type, journal.table<Row>(type)]),
  )
  const counters = journal.table<number>('counter')
  const pointers = new Map<string, Set<number>>()
  const pointersTo = (key: string): Set<number> => {
    const ids = pointers.get(key) ?? new Set<number>()
    pointers.set(key, ids)
    return ids
  }
  const point = (row: Row) => {
    for (const key of pointerKeys(row)) pointersTo(key).add(row.id)
  }
  const unpoint = (row: Row | undefined) => {
    if (row !== undefined) for (const key of pointerKeys(row)) pointers.get(key)?.delete(row.id)
  }
  for (const table of tables.values()) for (const row of table.values()) point(row)

  let version = 0
  const find = (type: string, id: number) => tables.get(type)?.get(String(id))
  const upcomingId = (type: string) => counters.get(type) ?? firstIds[type] ?? 1
  return {
    find,
    all: (type) => tables.get(type)?.values() ?? [],
    linking: (type, name, id) =>
      [...(pointers.get(`${type}.${name}:${id}`) ?? [])]
        .sort((a, b) => a - b)
        .flatMap((from) => find(type, from) ?? []),
    put: (row) => {
      version += 1
      unpoint(find(row.type, row.id))
      tables.get(row.type)?.set(String(row.id), row)
      point(row)
    },
    remove: (row) => {
      version += 1
      unpoint(find(row.type, row.id))
      tables.get(row.type)?.delete(String(row.id))
    },
    nextId: (type) => {
      const id = upcomingId(type)
      counters.set(type, id + 1)
      return id
    },
    upcomingId,
    version: () => version,
  }
}

function pointerKeys(row: Row): readonly string[] {
  return Object.entries(row.links).flatMap(([name, link]) =>
    link === null ? [] : [`${row.type}.${name}:${link.id}`],
  )
}

import { toListedIds, toRowTest, type FilterRules } from './filters.ts'
import type { Query } from './query.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { RecordView } from './record-view.ts'
import type { Resource, Resources } from './resources.ts'
import { toSorting, type Sorting } from './sorting.ts'

type Deps = {
  readonly store: RecordStore
  readonly view: RecordView
  readonly resources: Resources
  readonly rules: FilterRules & { readonly listsShowTrashed: boolean }
}

type Listed = { readonly rows: readonly Row[]; readonly sorting: Sorting }

/** Every row of a query in its order; asked for the next page before anything changed, it is not sought again. */
export function makeListRows(deps: Deps): (resource: Resource, query: Query) => Listed {
  let recent: readonly (Listed & { readonly key: string })[] = []
  return (resource, query) => {
    const asked = [...query.parameters].filter(([name]) => !name.startsWith('page['))
    const key = JSON.stringify([deps.store.version(), resource.type, asked.sort()])
    const known = recent.find((one) => one.key === key)
    if (known !== undefined) return known
    const sorting = toSorting(resource, query.sort, deps.view)
    const listed = { key, sorting, rows: listRows(resource, query, deps) }
    recent = [listed, ...recent.slice(0, mostRecent - 1)]
    return listed
  }
}

const mostRecent = 4

function listRows(resource: Resource, query: Query, deps: Deps): readonly Row[] {
  const isWanted = toRowTest(resource, query, deps)
  const isVisible = (row: Row) =>
    deps.rules.listsShowTrashed || (row.attributes['trashedAt'] ?? null) === null
  const wanted = [...candidatesOf(resource.type, query, deps)].filter(
    (row) => isWanted(row) && isVisible(row),
  )
  // By id they are in order already.
  if (query.sort.every((name) => name === 'id')) return wanted
  const sorting = toSorting(resource, query.sort, deps.view)
  return wanted
    .map((row) => ({ row, key: sorting.keyOf(row) }))
    .sort((a, b) => sorting.compare(a.key, b.key))
    .map(({ row }) => row)
}

function candidatesOf(type: string, query: Query, { store, rules }: Deps): Iterable<Row> {
  const ids = rules.ignoredFilters.includes('id') ? undefined : toListedIds(query)
  return ids?.flatMap((id) => store.find(type, id) ?? []) ?? store.all(type)
}

import type { Row } from './row.ts'

/** How rows are found by what a column holds. */
export type IndexKey = { readonly name: string; readonly keyOf: (row: Row) => string }

export type ValueIndexes = {
  /** Ids of the rows whose key this is; `rows` are all of them, looked at when the index is first asked. */
  readonly find: (index: IndexKey, key: string, rows: () => Iterable<Row>) => Iterable<number>
  readonly replace: (before: Row | undefined, after: Row) => void
}

type Index = { readonly keyOf: IndexKey['keyOf']; readonly ids: Map<string, Set<number>> }

/** Indexes of one table, each made when it is first needed: a hundred thousand rows are searched a thousand times. */
export const makeValueIndexes = (): ValueIndexes => {
  const indexes = new Map<string, Index>()

  const add = ({ keyOf, ids }: Index, row: Row): void => {
    const key = keyOf(row)
    const found = ids.get(key) ?? new Set<number>()
    ids.set(key, found.add(row.id))
  }

  const build = ({ name, keyOf }: IndexKey, rows: Iterable<Row>): Index => {
    const index: Index = { keyOf, ids: new Map() }
    for (const row of rows) add(index, row)
    indexes.set(name, index)
    return index
  }

  return {
    find: (index, key, rows) =>
      (indexes.get(index.name) ?? build(index, rows())).ids.get(key) ?? [],
    replace: (before, after) => {
      for (const index of indexes.values()) {
        if (before) index.ids.get(index.keyOf(before))?.delete(before.id)
        add(index, after)
      }
    },
  }
}

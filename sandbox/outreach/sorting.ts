import { makeParameterError } from './api-error.ts'
import type { Row } from './record-store.ts'
import type { RecordView } from './record-view.ts'
import type { Resource } from './resources.ts'

export type SortKey = readonly unknown[]

export type Sorting = {
  /** The values that place a row, its id last, so that no two rows share a place. */
  readonly keyOf: (row: Row) => SortKey
  readonly compare: (a: SortKey, b: SortKey) => number
}

export function toSorting(resource: Resource, sort: readonly string[], view: RecordView): Sorting {
  const terms = (sort.length === 0 ? ['id'] : sort).map((word) => {
    const isDescending = word.startsWith('-')
    const name = isDescending ? word.slice(1) : word
    if (name !== 'id' && resource.attributes.get(name)?.sortable !== true) {
      throw makeParameterError(`'${name}' is not a supported sort.`, 'sort')
    }
    return { name, sign: isDescending ? -1 : 1 }
  })
  return {
    keyOf: (row) => [
      ...terms.map(({ name }) => (name === 'id' ? row.id : view.valueOf(row, name))),
      row.id,
    ],
    compare: (a, b) => {
      for (const [index, { sign }] of [...terms, { sign: 1 }].entries()) {
        const order = compareValues(a[index], b[index])
        if (order !== 0) return order * sign
      }
      return 0
    },
  }
}

function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

import { makeParameterError } from './api-error.ts'
import type { SortKey, Sorting } from './sorting.ts'
import type { Row } from './record-store.ts'

export type Page = {
  readonly rows: readonly Row[]
  /** Page parameters of the neighbours; absent where there is none. */
  readonly links: Readonly<Record<string, Readonly<Record<string, string>>>>
}

type PageParameters = Readonly<Record<string, string>>

const defaultSize = 50
const maxSize = 1000
const maxOffset = 10_000

/** Cuts one page out of the sorted rows: by cursor where `page[size]` or a cursor is given, else by offset. */
export function toPage(rows: readonly Row[], page: PageParameters, sorting: Sorting): Page {
  const isCursor = ['size', 'after', 'before'].some((name) => page[name] !== undefined)
  return isCursor ? toCursorPage(rows, page, sorting) : toOffsetPage(rows, page)
}

function toCursorPage(rows: readonly Row[], page: PageParameters, sorting: Sorting): Page {
  const size = toCount('page[size]', page['size'], { default: defaultSize, from: 1, to: maxSize })
  const sized = { size: String(size) }
  const [from, to] = toBounds(rows, page, { size, sorting })
  const shown = rows.slice(from, to)
  const first = shown[0]
  const last = shown.at(-1)
  const toCursor = (row: Row) => encodeCursor(sorting.keyOf(row))
  return {
    rows: shown,
    links: {
      first: sized,
      ...(first !== undefined && from > 0 ? { prev: { ...sized, before: toCursor(first) } } : {}),
      ...(last !== undefined && to < rows.length
        ? { next: { ...sized, after: toCursor(last) } }
        : {}),
    },
  }
}

function toBounds(
  rows: readonly Row[],
  page: PageParameters,
  { size, sorting }: { readonly size: number; readonly sorting: Sorting },
): readonly [number, number] {
  const countBelow = (cursor: string, isInside: (order: number) => boolean) => {
    const key = decodeCursor(cursor)
    const index = rows.findIndex((row) => isInside(sorting.compare(sorting.keyOf(row), key)))
    return index === -1 ? rows.length : index
  }
  if (page['before'] !== undefined) {
    const to = countBelow(page['before'], (order) => order >= 0)
    return [Math.max(0, to - size), to]
  }
  // By place, not by number: what was added or removed meanwhile shifts nothing.
  const from = page['after'] === undefined ? 0 : countBelow(page['after'], (order) => order > 0)
  return [from, Math.min(rows.length, from + size)]
}

function toOffsetPage(rows: readonly Row[], page: PageParameters): Page {
  const limit = toCount('page[limit]', page['limit'], {
    default: defaultSize,
    from: 1,
    to: maxSize,
  })
  const offset = toCount('page[offset]', page['offset'], { default: 0, from: 0, to: maxOffset })
  const at = (start: number) => ({ limit: String(limit), offset: String(start) })
  const lastStart = Math.max(0, Math.ceil(rows.length / limit) - 1) * limit
  return {
    rows: rows.slice(offset, offset + limit),
    links: {
      first: at(0),
      ...(offset > 0 ? { prev: at(Math.max(0, offset - limit)) } : {}),
      ...(offset + limit < rows.length ? { next: at(offset + limit) } : {}),
      last: at(lastStart),
    },
  }
}

function toCount(
  parameter: string,
  text: string | undefined,
  bounds: { readonly default: number; readonly from: number; readonly to: number },
): number {
  if (text === undefined) return bounds.default
  const count = Number(text)
  if (Number.isInteger(count) && count >= bounds.from && count <= bounds.to) return count
  throw makeParameterError(
    `${parameter} must be an integer between ${bounds.from} and ${bounds.to}.`,
    parameter,
  )
}

function encodeCursor(key: SortKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

function decodeCursor(cursor: string): SortKey {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(key)) return key
  } catch {
    // Not one of ours: answered below like any other bad parameter.
  }
  throw makeParameterError('The page cursor is not valid.', 'page[after]')
}

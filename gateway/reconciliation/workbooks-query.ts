import { printTime } from '../../clients/workbooks/wire-values.ts'
import type { WorkbooksFilter, WorkbooksQuery } from '../../clients/workbooks/workbooks-client.ts'
import type { Polling } from '../../schemas/polling.ts'

type Asked = Polling['workbooks']

/** Which of the rows that may be synchronised. */
export type Rows =
  /** Changed since `from` (epoch seconds), and those without an Outreach Id; the newest first. */
  | { readonly kind: 'newest'; readonly from: number }
  /** Changed in or after the second `time`, and there only those after `id`; in this order. */
  | { readonly kind: 'changed'; readonly time: number; readonly id: string }
  /** Without an Outreach Id, whenever they changed; after `id`, in the order of ids. */
  | { readonly kind: 'standing'; readonly id: string }
  /** Linked ones; the newest first. */
  | { readonly kind: 'linked' }

export const rowsPerPage = 100

/** A condition, by filters that it adds and an expression over their names. */
type Condition = { readonly filters: readonly WorkbooksFilter[]; readonly logic: string }

const isLive: Condition = one('is_deleted', 'false')
/** Deleted rows are hidden unless both are asked for (workbooks-api 3.4). */
const isLiveOrDeleted = either(one('is_deleted', 'true'), isLive)

/** The question for one page of rows that meet conditions 1 to 3, and 4 or 5 (rulebook 3). */
export function toWorkbooksQuery(asked: Asked, rows: Rows, limit = rowsPerPage): WorkbooksQuery {
  const { columns } = asked
  const { filters, logic } = both(mayBeSynchronised(asked), conditionOf(columns, rows))
  return {
    columns: ['object_ref', 'updated_at', 'created_at', columns.outreachId],
    filters,
    logic,
    sort: sortOf(rows),
    start: 0,
    limit,
  }
}

/** Conditions 1 to 3; a linked person passes 2 and 3, for its opt-out (rulebook 11). */
function mayBeSynchronised({ columns, linkedPassFlags }: Asked): Condition {
  const { syncToOutreach, outreachSyncError, outreachDuplicate, outreachId } = columns
  const isWanted = one(syncToOutreach, 'true')
  const isFaultless = one(outreachSyncError, 'false')
  const isUnflagged =
    outreachDuplicate === null ? isFaultless : both(isFaultless, one(outreachDuplicate, 'false'))
  const passes = linkedPassFlags ? either(isUnflagged, one(outreachId, 'not_blank')) : isUnflagged
  return both(isWanted, passes)
}

function conditionOf({ outreachId }: Asked['columns'], rows: Rows): Condition {
  const isUnlinked = both(one(outreachId, 'blank'), isLive)
  switch (rows.kind) {
    case 'newest':
      return either(isUnlinked, both(atTime('ge', rows.from), isLiveOrDeleted))
    case 'changed': {
      const isLater = either(
        atTime('gt', rows.time),
        both(atTime('eq', rows.time), one('id', 'gt', rows.id)),
      )
      return both(isLater, isLiveOrDeleted)
    }
    case 'standing':
      return both(isUnlinked, one('id', 'gt', rows.id))
    case 'linked':
      return both(one(outreachId, 'not_blank'), isLiveOrDeleted)
    default:
      return rows satisfies never
  }
}

function sortOf({ kind }: Rows): NonNullable<WorkbooksQuery['sort']> {
  const byId = { column: 'id', direction: 'ASC' } as const
  if (kind === 'standing') return [byId]
  const direction = kind === 'changed' ? 'ASC' : 'DESC'
  return [{ column: 'updated_at', direction }, byId]
}

function atTime(type: string, seconds: number): Condition {
  return one('updated_at', type, printTime(seconds * 1000))
}

function one(field: string, type: string, value = ''): Condition {
  return { filters: [{ field, type, value }], logic: '1' }
}

function both(left: Condition, right: Condition): Condition {
  return join('AND', left, right)
}

function either(left: Condition, right: Condition): Condition {
  return join('OR', left, right)
}

/** The numbers of the right side's filters come after those of the left. */
function join(word: 'AND' | 'OR', left: Condition, right: Condition): Condition {
  const by = left.filters.length
  const moved = right.logic.replaceAll(/\d+/g, (number) => String(Number(number) + by))
  return {
    filters: [...left.filters, ...right.filters],
    logic: `(${left.logic} ${word} ${moved})`,
  }
}

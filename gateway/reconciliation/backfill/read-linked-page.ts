import type { Call } from '../../../clients/call.ts'
import type { WorkbooksClient } from '../../../clients/workbooks/workbooks-client.ts'
import type { Polling } from '../../../schemas/polling.ts'
import { readRecordRef, toRecordRef } from '../../../schemas/record-ref.ts'
import type { Pairs } from '../../../state/pairs.ts'
import type { Page } from './page.ts'

type Deps = {
  readonly workbooks: Pick<WorkbooksClient, 'page'>
  readonly pairs: Pick<Pairs, 'byRecords'>
}

export type PageAsked = {
  readonly polling: Polling
  /** Empty: from the first. */
  readonly position: string
  readonly call: Call
}

/** As many as Workbooks gives at once (workbooks-api 3.1). */
const rowsPerPage = 100

/**
 * Rows that name a partner and have not met it, by their id: whatever changes meanwhile shifts nothing.
 * Flags do not matter here: a pair is remembered, not written (rulebook 3).
 */
export async function readLinkedPage(
  { workbooks, pairs }: Deps,
  { polling, position, call }: PageAsked,
): Promise<Page> {
  const { kind } = polling
  const { controller, type, columns } = polling.workbooks
  const after = position === '' ? '0' : position
  const rows = await workbooks.page(
    controller,
    {
      columns: ['id', 'lock_version', columns.outreachId],
      filters: [
        { field: columns.outreachId, type: 'not_blank' },
        { field: 'id', type: 'gt', value: after },
      ],
      sort: [{ column: 'id', direction: 'ASC' }],
      start: 0,
      limit: rowsPerPage,
    },
    call,
  )
  // Where the filter is ignored the first page would come for ever.
  const ids = rows.map(({ id }) => id).filter((id) => Number(id) > Number(after))
  const known = await pairs.byRecords(kind, 'workbooks', ids)
  const met = new Set(
    known.filter(({ status }) => status === 'linked').map(({ workbooksId }) => workbooksId),
  )
  const wanted = ids
    .filter((id) => !met.has(id))
    .map((id) => toRecordRef({ system: 'workbooks', type, id }))
    .filter((ref) => readRecordRef(ref) !== undefined)
  const isLast = rows.length < rowsPerPage || ids.length === 0
  return { wanted, looked: ids.length, position: isLast ? undefined : ids.at(-1) }
}

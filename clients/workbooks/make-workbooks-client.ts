import type { Call, Found } from '../call.ts'
import type { HttpAnswer } from '../http/http-call.ts'
import type { CallResult } from '../system-gate.ts'
import {
  makeWorkbooksAsk,
  makeWorkbooksCall,
  type WorkbooksCallDeps,
} from './make-workbooks-call.ts'
import { makeWrite } from './make-write.ts'
import { toFieldInfos } from './to-field-infos.ts'
import { rowsPerCall, toReadForm } from './to-form.ts'
import { isGood, judgeWorkbooksAnswer, toWorkbooksError } from './to-workbooks-error.ts'
import { toRows, toWorkbooksRecord } from './to-workbooks-records.ts'
import type {
  WorkbooksClient,
  WorkbooksFilter,
  WorkbooksQuery,
  WorkbooksRecord,
} from './workbooks-client.ts'

const liveAndDeleted: readonly WorkbooksFilter[] = [
  { field: 'is_deleted', type: 'true' },
  { field: 'is_deleted', type: 'false' },
]

export function makeWorkbooksClient(deps: WorkbooksCallDeps): WorkbooksClient {
  let clockOffsetMs = 0
  const ask = makeWorkbooksAsk({ ...deps, noteClock: (offsetMs) => (clockOffsetMs = offsetMs) })
  const workbooksCall = makeWorkbooksCall(ask)

  async function page(controller: string, query: WorkbooksQuery, call: Call) {
    const form = toReadForm(controller, query)
    const reply = await workbooksCall({ controller, method: 'GET', form }, call)
    return toRows(reply, controller).flatMap(
      (row) => toWorkbooksRecord(controller, row, reply.sentAt) ?? [],
    )
  }

  async function search(controller: string, query: WorkbooksQuery, call: Call) {
    const found = new Map<string, WorkbooksRecord>()
    for (const part of toParts(query)) {
      await readToEnd(controller, part, { call, found })
    }
    return [...found.values()]
  }

  async function readToEnd(
    controller: string,
    query: WorkbooksQuery,
    { call, found }: { readonly call: Call; readonly found: Map<string, WorkbooksRecord> },
  ): Promise<void> {
    const limit = query.limit ?? rowsPerCall
    // Offsets only hold while every row has its place: the id decides between equals.
    const sort = [...(query.sort ?? []), { column: 'id', direction: 'ASC' as const }]
    for (let start = query.start ?? 0; ; start += limit) {
      const records = await page(controller, { ...query, sort, start, limit }, call)
      const before = found.size
      for (const record of records) found.set(record.id, record)
      // A server that ignores `_start` would show the same page for ever.
      if (records.length < limit || found.size === before) return
    }
  }

  async function readMany(
    controller: string,
    what: { readonly ids: readonly string[]; readonly columns: readonly string[] },
    call: Call,
  ) {
    const ids = [...new Set(what.ids)]
    const found = new Map<string, Found<WorkbooksRecord>>(ids.map((id) => [id, { kind: 'unseen' }]))
    const pages = chunksOf(ids).map((some) =>
      page(
        controller,
        {
          columns: what.columns,
          filters: [{ field: 'id', type: 'eq', value: some }, ...liveAndDeleted],
          logic: '1 AND (2 OR 3)',
        },
        call,
      ),
    )
    for (const record of (await Promise.all(pages)).flat()) {
      // A filter that is ignored must not show strangers.
      if (found.has(record.id)) found.set(record.id, { kind: 'here', record })
    }
    return found
  }

  async function metadata(className: string, call: Call) {
    const controller = 'metadata/types'
    const form = [
      ['class_names[]', className],
      ['_select_columns[]', 'class_name'],
      ['_select_columns[]', 'fields'],
    ] as const
    const answer = await ask({ controller, method: 'GET', form, judge: judgeMetadataAnswer }, call)
    if (isGood(answer) || Array.isArray(answer.json)) return toFieldInfos(answer.json, className)
    if (isUnreadable(answer)) return undefined
    throw toWorkbooksError(answer, { what: `GET ${controller}`, effect: 'read' })
  }

  return {
    ...{ readMany, page, search, write: makeWrite(workbooksCall), metadata },
    clockOffsetMs: () => clockOffsetMs,
  }
}

/** An `eq` list of more than 100 values is asked for in parts, where a union of the parts is the whole. */
function toParts(query: WorkbooksQuery): readonly WorkbooksQuery[] {
  const at = query.filters.findIndex(
    ({ type, value }) => type === 'eq' && Array.isArray(value) && value.length > rowsPerCall,
  )
  const filter = query.filters[at]
  const isUnion = !/NOT|XOR|!/i.test(query.logic ?? '')
  if (filter === undefined || !Array.isArray(filter.value) || !isUnion) return [query]
  return chunksOf(filter.value).map((value) => ({
    ...query,
    filters: query.filters.with(at, { ...filter, value }),
  }))
}

/** Nothing can be learnt from it, now or later; unlike a wait, a wrong key, or a server that is away. */
function isUnreadable(answer: HttpAnswer): boolean {
  const { status } = answer
  if (judgeWorkbooksAnswer(answer).kind === 'paused') return false
  return ![401, 408, 502, 503, 504].includes(status) && (status < 300 || status >= 400)
}

/** Not every database has this controller, and one that breaks says nothing about the others. */
function judgeMetadataAnswer(answer: HttpAnswer): CallResult {
  const result = judgeWorkbooksAnswer(answer)
  const isOwnFault = result.kind === 'failed' && isUnreadable(answer)
  return isOwnFault ? { kind: 'no-verdict', wasSent: true } : result
}

function chunksOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / rowsPerCall)
  return Array.from({ length: count }, (_, at) =>
    items.slice(at * rowsPerCall, (at + 1) * rowsPerCall),
  )
}

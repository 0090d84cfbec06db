import type { Call, Found } from '../../../clients/call.ts'
import type { OutreachClient, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksAnswer,
  WorkbooksClient,
  WorkbooksRecord,
  WorkbooksWrite,
} from '../../../clients/workbooks/workbooks-client.ts'
import type { Kind } from '../kinds/kind.ts'
import type { MemberRows } from '../members/make-member-rows.ts'
import { makeCoalesced } from './make-coalesced.ts'

type Deps = {
  readonly kind: Kind
  readonly outreach: Pick<OutreachClient, 'readMany'>
  readonly workbooks: Pick<WorkbooksClient, 'readMany' | 'search' | 'write'>
  /** Of a kind whose people stand in rows of their own. */
  readonly rows?: MemberRows | undefined
}

/** What a record of Outreach without a partner is looked for by in Workbooks (rulebook 6). */
export type PartnerQuery = {
  readonly outreachId: string
  /** `outreach:<type>:<id>`, written when we create; undefined where only the id is asked for. */
  readonly reference?: string
  readonly keys: readonly string[]
}

/** Batched reads and writes of one kind: N records cost about N/100 calls each way (rulebook 12). */
export type Records = {
  readonly readWorkbooks: (id: string, call: Call) => Promise<Found<WorkbooksRecord>>
  readonly readOutreach: (id: string, call: Call) => Promise<Found<OutreachRecord>>
  /** For whom nothing is urgent: an event that names nothing. Waits a little for others like it. */
  readonly readOutreachIdly: (id: string, call: Call) => Promise<Found<OutreachRecord>>
  readonly writeWorkbooks: (row: WorkbooksWrite, call: Call) => Promise<WorkbooksAnswer>
  /** In a request of its own. */
  readonly writeAlone: (row: WorkbooksWrite, call: Call) => Promise<WorkbooksAnswer>
  /** A row of its people, by its id; unseen where there are none. */
  readonly readRow: (id: string, call: Call) => Promise<Found<OutreachRecord>>
  /** The credentials do not reach its people's rows: left alone for a while. */
  readonly leaveRowsAlone: (why: string) => Promise<void>
  readonly rowsWereWritten: () => Promise<void>
  /** Live rows that match in any way; the caller checks which way, the search may be loose. */
  readonly findInWorkbooks: (query: PartnerQuery, call: Call) => Promise<readonly WorkbooksRecord[]>
  /** What was made with this reference and is deleted by now; no other search shows it. */
  readonly findDeletedInWorkbooks: (
    reference: string,
    call: Call,
  ) => Promise<readonly WorkbooksRecord[]>
}

// Rows of one call; both systems take a hundred (outreach-api 3.2, workbooks-api 5.1).
const most = 100

/** Hints of one batch reach their reads a few milliseconds apart. */
const idleMs = 30

export function makeRecords({ kind, outreach, workbooks, rows }: Deps): Records {
  const { controller } = kind.workbooks
  const unseen = { kind: 'unseen' } as const
  const readManyOutreach = async (ids: readonly string[], call: Call) => {
    const plain = await outreach.readMany(kind.outreach.type, [...new Set(ids)], call)
    const found = (await rows?.hangOn(plain, call)) ?? plain
    return ids.map((id) => found.get(id) ?? unseen)
  }

  return {
    readWorkbooks: makeCoalesced({
      most,
      run: async (ids: readonly string[], call) => {
        const what = { ids: [...new Set(ids)], columns: kind.readColumns }
        const found = await workbooks.readMany(controller, what, call)
        return ids.map((id) => found.get(id) ?? unseen)
      },
    }),

    readOutreach: makeCoalesced({ most, run: readManyOutreach }),
    readOutreachIdly: makeCoalesced({ most, run: readManyOutreach, gatherMs: idleMs }),

    writeWorkbooks: makeCoalesced({
      most,
      run: (rows: readonly WorkbooksWrite[], call) => workbooks.write(controller, rows, call),
    }),

    writeAlone: async (row, call) => {
      const [answer] = await workbooks.write(controller, [row], call)
      if (answer === undefined) throw new Error('A write came back without an answer')
      return answer
    },

    readRow: makeCoalesced({
      most,
      run: async (ids: readonly string[], call) => {
        const found = await rows?.readRows([...new Set(ids)], call)
        return ids.map((id) => found?.get(id) ?? unseen)
      },
    }),

    leaveRowsAlone: async (why) => rows?.leaveAlone(why),
    rowsWereWritten: async () => rows?.wereWritten(),

    findDeletedInWorkbooks: (reference, call) => {
      const filters = [
        { field: 'created_through_reference', type: 'eq', value: [reference] },
        { field: 'is_deleted', type: 'true' },
      ]
      const query = { columns: kind.readColumns, filters, logic: '1 AND 2' }
      return workbooks.search(controller, query, call)
    },

    findInWorkbooks: makeCoalesced({
      most,
      run: async (queries: readonly PartnerQuery[], call) => {
        const rows = await workbooks.search(
          controller,
          { columns: kind.readColumns, ...toSearch(kind, queries) },
          call,
        )
        // Every asker looks through all rows: each knows best which are its own.
        return queries.map(() => rows)
      },
    }),
  }
}

function toSearch(kind: Kind, queries: readonly PartnerQuery[]) {
  const ids = queries.map(({ outreachId }) => outreachId)
  const references = queries.flatMap(({ reference }) => reference ?? [])
  const keys = [...new Set(queries.flatMap((query) => query.keys.flatMap(spellings)))]
  const filters = [
    { field: kind.columns.outreachId, type: 'eq', value: ids },
    ...(references.length > 0
      ? [{ field: 'created_through_reference', type: 'eq', value: references }]
      : []),
    ...kind.matching.columns.flatMap((column) =>
      toLists(keys).map((value) => ({ field: column, type: 'eq', value })),
    ),
  ]
  const logic = filters.map((_, index) => String(index + 1)).join(' OR ')
  return { filters, logic }
}

/** `\,` is a comma inside a value: one that ends in a backslash would swallow the next, and stands alone. */
function toLists(keys: readonly string[]): readonly (readonly string[])[] {
  const listed = keys.filter((key) => !key.endsWith('\\'))
  const alone = keys.filter((key) => key.endsWith('\\')).map((key) => [key])
  return listed.length === 0 ? alone : [listed, ...alone]
}

/** As it is written, and where that differs, in NFC and NFD (rulebook 4). */
export function spellings(key: string): readonly string[] {
  return [...new Set([key, key.normalize('NFC'), key.normalize('NFD')])]
}

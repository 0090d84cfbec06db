import type { Found } from '../../../clients/call.ts'
import type { OutreachClient, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksClient,
  WorkbooksRecord,
  WorkbooksWrite,
} from '../../../clients/workbooks/workbooks-client.ts'
import type { Kind } from '../kinds/kind.ts'

type Clients = {
  readonly outreach: Pick<OutreachClient, 'readMany' | 'search' | 'create' | 'update' | 'remove'>
  readonly workbooks: Pick<WorkbooksClient, 'readMany' | 'search' | 'write'>
}

export type TwoSystems = {
  /** A process' own clients; `sending` is awaited before a create leaves. */
  readonly clients: (sending: () => Promise<void> | undefined) => Clients
  readonly countOf: (system: 'workbooks' | 'outreach') => number
}

/** Both systems, as far as a create asks them; a record with id 1 stands on `side`, the other is empty. */
export function makeTwoSystems(kind: Kind, side: 'workbooks' | 'outreach'): TwoSystems {
  const accounts = new Map<string, OutreachRecord>()
  const rows = new Map<string, WorkbooksRecord>()
  const now = () => Date.now()

  function putRow(id: string, columns: WorkbooksRecord['columns']) {
    const lockVersion = (rows.get(id)?.lockVersion ?? 0) + 1
    const all = { ...rows.get(id)?.columns, ...columns }
    const { controller } = kind.workbooks
    const row = { controller, id, lockVersion, columns: all, isDeleted: false, readAt: now() }
    rows.set(id, row)
    return row
  }
  function putAccount(id: string, attributes: OutreachRecord['attributes']) {
    const made = { type: kind.outreach.type, id, attributes, links: {}, readAt: now() }
    accounts.set(id, made)
    return made
  }
  if (side === 'workbooks') putRow('1', { name: 'Acme', [kind.columns.syncToOutreach]: true })
  else putAccount('1', { name: 'Acme', named: true, createdAt: new Date().toISOString() })

  function write(row: WorkbooksWrite) {
    if (row.kind === 'delete') throw new Error('Nothing is deleted here')
    const id = row.kind === 'create' ? String(101 + rows.size) : row.id
    const { lockVersion, columns } = putRow(id, row.columns)
    return { kind: 'written', id, lockVersion, columns } as const
  }

  return {
    countOf: (system) => (system === 'outreach' ? accounts : rows).size,
    clients: (sending) => ({
      outreach: {
        readMany: (_, ids) => Promise.resolve(pick(accounts, ids)),
        search: () => Promise.resolve([...accounts.values()]),
        create: async (_, { attributes }) => {
          await sending()
          return putAccount(String(4101 + accounts.size), attributes)
        },
        update: () => Promise.reject(new Error('Nothing is updated here')),
        remove: () => Promise.reject(new Error('Nothing is deleted here')),
      },
      workbooks: {
        readMany: (_, { ids }) => Promise.resolve(pick(rows, ids)),
        search: () => Promise.resolve([...rows.values()]),
        write: async (_, written) => {
          if (written.some((row) => row.kind === 'create')) await sending()
          return written.map(write)
        },
      },
    }),
  }
}

function pick<Record extends { readonly readAt: number }>(
  all: ReadonlyMap<string, Record>,
  ids: readonly string[],
): ReadonlyMap<string, Found<Record>> {
  return new Map(
    ids.map((id) => {
      const record = all.get(id)
      return [id, record === undefined ? { kind: 'gone' } : { kind: 'here', record }]
    }),
  )
}

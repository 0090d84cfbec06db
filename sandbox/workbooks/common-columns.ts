import { derivedColumn, storedColumn, storedColumns } from './column.ts'
import type { Column } from './column.ts'

export type RecordKind = {
  readonly className: string
  readonly refPrefix: string | undefined
  /** Controller of the queues behind `assigned_to`; undefined for records that nobody is assigned. */
  readonly queues: string | undefined
}

const userColumns = (prefix: string, idOf: Column['read']): readonly Column[] => [
  derivedColumn(`${prefix}[person_name]`, 'string', (row, lookup) => {
    const id = idOf(row, lookup)
    return (typeof id === 'number' ? lookup.user(id)?.personName : undefined) ?? null
  }),
  derivedColumn(`${prefix}[login_name]`, 'string', (row, lookup) => {
    const id = idOf(row, lookup)
    return (typeof id === 'number' ? lookup.user(id)?.loginName : undefined) ?? null
  }),
]

const referenceColumns = (prefix: string | undefined): readonly Column[] =>
  prefix === undefined
    ? []
    : [
        derivedColumn('object_ref', 'string', (row) => `${prefix}-${row.ref}`),
        derivedColumn(
          'object_url',
          'uri',
          (row, lookup) => `${lookup.linkPrefix}${prefix}-${row.ref}`,
        ),
      ]

const queueColumns = (queues: string): readonly Column[] => [
  storedColumn('assigned_to', 'has_one', { linksTo: [queues] }),
  derivedColumn('queue_entry[queue_id]', 'integer', (row) => row.values['assigned_to'] ?? null),
  derivedColumn(
    'queue_entry[queue[name]]',
    'string',
    (row, lookup) => lookup.row(queues, row.values['assigned_to'])?.values['name'] ?? null,
  ),
  derivedColumn('queue_entry[updated_at]', 'datetime', (row) => row.values['queued_at'] ?? null),
]

const ownerId = storedColumn('owner_id', 'has_one', {
  read: (row) => row.values['owner_id'] ?? row.createdBy,
})

/** The columns that every record has (workbooks-api 7.1). */
export const commonColumns = (kind: RecordKind): readonly Column[] => [
  derivedColumn('id', 'integer', (row) => row.id),
  derivedColumn('lock_version', 'integer', (row) => row.lockVersion),
  ...referenceColumns(kind.refPrefix),
  derivedColumn('type', 'string', () => kind.className),
  derivedColumn('created_at', 'datetime', (row) => row.createdAt),
  derivedColumn('created_by', 'has_one', (row) => row.createdBy),
  ...userColumns('created_by_user', (row) => row.createdBy),
  derivedColumn('updated_at', 'datetime', (row) => row.updatedAt),
  derivedColumn('updated_by', 'has_one', (row) => row.updatedBy),
  ...userColumns('updated_by_user', (row) => row.updatedBy),
  derivedColumn('created_through', 'string', (row) => row.createdThrough),
  storedColumn('created_through_reference', 'string'),
  derivedColumn('is_deleted', 'boolean', (row) => row.isDeleted),
  ...storedColumns('boolean', 'imported watched'),
  ownerId,
  ...userColumns('owner', ownerId.read),
  ...(kind.queues === undefined ? [] : queueColumns(kind.queues)),
  ...['_can_read', '_can_modify', '_can_delete', '_can_chown', '_can_chaccess'].map((name) =>
    derivedColumn(name, 'boolean', () => true),
  ),
]

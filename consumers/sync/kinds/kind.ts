import type { OutreachQuery, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Fingerprinted, PolledResource } from '../../../schemas/polling.ts'
import { readRecordRef } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import type { Value } from '../fields/value.ts'
import type { MembersLine } from '../members/members.ts'

/** By field. */
type Values = Readonly<Record<string, Value>>

/** The columns that steer the sync (mapping.md section 1); null where the database has none. */
export type Columns = {
  readonly syncToOutreach: string
  readonly outreachSyncError: string
  readonly outreachDuplicate: string | null
  readonly outreachId: string
  readonly outreachUrl: string
  readonly outreachErrorMessage: string | null
  /** Only people have it, and not in every database. */
  readonly sequenceState?: string | null
}

/** Which Outreach attribute values allow a record to be created in Workbooks (rulebook 6). */
export type CreateCondition = {
  readonly attribute: string
  readonly is: readonly (string | number | boolean | null)[]
}

export type Policy = {
  readonly enabled: boolean
  readonly matching: 'flag' | 'link'
  readonly createInOutreach: boolean
  /** Undefined: never. */
  readonly createInWorkbooks: readonly CreateCondition[] | undefined
  readonly onDelete: 'close' | 'delete'
}

/** How a record without a partner is looked for before it is created (rulebook 4, 6). */
export type Matching = {
  /** `name` or `e-mail`, for sentences. */
  readonly by: string
  /** As they are written; compared by `toMatchKey`. Empty: nothing to look for. */
  readonly keysOfWorkbooks: (record: WorkbooksRecord) => readonly string[]
  readonly keysOfOutreach: (record: OutreachRecord) => readonly string[]
  /** Queries whose results, together, hold every Outreach record with this key. */
  readonly queriesFor: (key: string) => readonly OutreachQuery[]
  /** The Workbooks columns that hold such keys. */
  readonly columns: readonly string[]
  /**
   * Queries that find what a create made whose answer was lost, where our reference cannot be filtered:
   * by what was sent (by field), among the records made since (ISO time).
   */
  readonly queriesForLost?: (sent: Values, since: string) => readonly OutreachQuery[]
}

/** What a write of our own fields entails in Workbooks, in columns that are no fields. */
export type Entailed = {
  /** Outreach's values as they are now, and as they were agreed before; by field. */
  readonly o: Values
  readonly before: Values
  readonly columns: Columns
}

/** A list of Outreach that a poller asks for beside the kind's usual one. */
export type AlsoPolled =
  /** The same records, as far as the usual list leaves them out. */
  | ({ readonly kind: 'more' } & Pick<PolledResource, 'filter' | 'every'>)
  /** Rows of another type, each about one of the kind's records: their changes may not move its `updatedAt`. */
  | ({ readonly kind: 'parts'; readonly type: string; readonly link: string } & Fingerprinted &
      Pick<PolledResource, 'every' | 'oauthOnly'> & {
        /** Attributes of the record that they make up: asked for only where one is mapped. By default always. */
        readonly makes?: readonly string[]
      })

/** What is special about one kind of record: data and a few hooks. The rest of the sync is one for all. */
export type KindDefinition = {
  readonly name: string
  readonly workbooks: {
    readonly type: string
    readonly controller: string
    readonly className: string
    /** Where the queues behind Assigned To are listed. */
    readonly queues: string
  }
  readonly outreach: { readonly type: string; readonly webPath: string }
  /** Records of other kinds name its records: linking one of them wakes whoever does. */
  readonly isParent?: true
  /** Records of other kinds wait for its own to take part again: what is theirs is related only then. */
  readonly isMember?: true
  readonly columns: Columns
  /** Outreach Duplicate forbids only what goes to Workbooks (rulebook 3); absent: all of the sync. */
  readonly duplicateStops?: 'receiving'
  readonly policy: Policy
  readonly fields: readonly FieldLine[]
  /** The Outreach attribute that carries `workbooks:<kind>:<id>` on what we create. */
  readonly reference: string
  readonly alsoPolled?: readonly AlsoPolled[]
  /** By the fields as they are settled, for these may hold keys too. */
  readonly matchingFor: (fields: readonly Field[]) => Matching
  /** Workbooks columns that a create needs, and that are no fields. */
  readonly columnsToCreate?: (record: OutreachRecord) => Readonly<Record<string, unknown>>
  readonly entailedColumns?: (entailed: Entailed) => Readonly<Record<string, unknown>>
}

/** One line of a kind's default mapping; what it leaves out takes the usual default. */
export type FieldLine = {
  readonly workbooks: string
  readonly outreach: string
  readonly owner?: true
  readonly direction?: Field['direction']
  /** What the Outreach name alone does not tell; it stays where a configuration maps the column elsewhere. */
  readonly form?: Field['form']
  /** A link to a record of this or of another kind, which ids do not tell apart: a customer (mapping.md 2). */
  readonly isParty?: true
  /** People who belong to the record, with roles: rows of the type that `outreach` names. */
  readonly members?: MembersLine
}

/** A kind as this installation has it: definition, configuration and metadata settled. */
export type Kind = Omit<KindDefinition, 'fields'> & {
  readonly fields: readonly Field[]
  readonly matching: Matching
  /** Every Workbooks column that a sync reads. */
  readonly readColumns: readonly string[]
  /**
   * What of an Outreach record makes its version; as the configuration says, whatever the database lacks,
   * so that the sync and a poller mean the same.
   */
  readonly fingerprinted: Fingerprinted
}

/** Both references of a pair: what is held while it is worked on. */
export function keysOf(
  kind: Pick<Kind, 'workbooks' | 'outreach'>,
  pair: { readonly workbooksId: string; readonly outreachId: string },
): readonly string[] {
  return [workbooksRef(kind, pair.workbooksId), outreachRef(kind, pair.outreachId)]
}

/** The ids of a pair's records, as far as these references name them. */
export function idsOf(keys: readonly string[]): { workbooks?: string; outreach?: string } {
  const parts = keys.flatMap((key) => readRecordRef(key) ?? [])
  return Object.fromEntries(parts.map(({ system, id }) => [system, id]))
}

export function workbooksRef(kind: Pick<Kind, 'workbooks'>, id: string) {
  return `workbooks:${kind.workbooks.type}:${id}` as const
}

export function outreachRef(kind: Pick<Kind, 'outreach'>, id: string) {
  return `outreach:${kind.outreach.type}:${id}` as const
}

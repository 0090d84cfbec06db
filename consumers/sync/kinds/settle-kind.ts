import type { WorkbooksFieldInfo } from '../../../clients/workbooks/workbooks-client.ts'
import type { FieldEntry, KindConfig } from '../../../schemas/sync-config.ts'
import { kinds, outreachTypes } from '../../../schemas/kind.ts'
import {
  outreachAttribute,
  outreachRelationship,
  type OutreachAttribute,
  type OutreachType,
} from '../../../schemas/outreach/attributes.ts'
import type { Field } from '../fields/field.ts'
import type { FormName } from '../fields/form.ts'
import type { Columns, CreateCondition, FieldLine, Kind, KindDefinition } from './kind.ts'
import { toFingerprinted } from './to-polling.ts'

/** What every sync of a Workbooks record reads beside its mapped columns. */
const alwaysRead = [
  'id',
  'lock_version',
  'object_ref',
  'is_deleted',
  'created_at',
  'updated_at',
  'created_through_reference',
]

/** What the product does without where the database lacks it. */
const optionalColumns = ['outreachErrorMessage', 'sequenceState'] as const

/** The kind with the customer's configuration laid over its defaults (mapping.md section 3). */
export function settleKind(definition: KindDefinition, config: KindConfig = {}): Kind {
  const { columns, policy } = definition
  const settledColumns: Columns = { ...columns, ...presentColumns(config.columns, columns) }
  const fields = settleFields(definition, config.fields ?? [])
  const matching = definition.matchingFor(fields)
  const settledPolicy = {
    enabled: config.enabled ?? policy.enabled,
    matching: config.matching ?? policy.matching,
    createInOutreach: config.createInOutreach ?? policy.createInOutreach,
    createInWorkbooks: settleCreate(config.createInWorkbooks, policy.createInWorkbooks),
    onDelete: config.onDelete ?? policy.onDelete,
  }
  return {
    ...definition,
    columns: settledColumns,
    policy: settledPolicy,
    fields,
    fingerprinted: toFingerprinted({ ...definition, policy: settledPolicy, fields }),
    matching,
    readColumns: toReadColumns(settledColumns, { fields, matching }),
  }
}

/**
 * The kind as the customer's database can hold it. `missing`: columns that every eligible record needs,
 * without which the kind is switched off; `absent`: what it does without.
 */
export function fitToDatabase(
  kind: Kind,
  metadata: ReadonlyMap<string, WorkbooksFieldInfo> | undefined,
): {
  readonly kind: Kind
  readonly missing: readonly string[]
  readonly absent: readonly string[]
} {
  const { columns } = kind
  // Unread metadata proves nothing, but an optional column is then better left alone: strict
  // attribute checking would refuse every write that names one which is not there.
  // A column of a related record (`main_location[town]`) is listed with that record, not here.
  const lacks = (column: string) =>
    metadata !== undefined && !column.includes('[') && !metadata.has(column)
  const isThere = (column: string) => metadata?.has(column) === true
  const optional = optionalColumns.flatMap((name) => {
    const column = columns[name] ?? null
    return column === null ? [] : [{ name, column: isThere(column) ? column : null, as: column }]
  })
  const needed = [
    columns.syncToOutreach,
    columns.outreachSyncError,
    columns.outreachDuplicate,
    columns.outreachId,
    columns.outreachUrl,
  ].filter((column) => column !== null)
  const found = Object.fromEntries(optional.map(({ name, column }) => [name, column]))
  const settled: Columns = { ...columns, ...found }
  const fields = kind.fields
    .filter(({ workbooks, members }) => ![workbooks, members?.rolesColumn ?? workbooks].some(lacks))
    .map((field) => {
      const datatype = metadata?.get(field.workbooks)?.datatype
      const form = formOfColumn(field, datatype)
      return { ...field, form, ...(datatype === 'string' ? { workbooksMaxLength: 255 } : {}) }
    })
  const matching = kind.matchingFor(fields)
  const readColumns = toReadColumns(settled, { fields, matching })
  return {
    kind: { ...kind, columns: settled, fields, matching, readColumns },
    missing: needed.filter(lacks),
    absent: [
      ...optional.flatMap(({ column, as }) => (column === null ? [as] : [])),
      ...kind.fields.map(({ workbooks }) => workbooks).filter(lacks),
    ],
  }
}

/** What a column's datatype tells beside the Outreach attribute (workbooks-api 4). */
function formOfColumn({ form }: Field, datatype: string | undefined): FormName {
  if (datatype === 'date' && form === 'moment') return 'date'
  if (datatype === 'currency' && (form === 'integer' || form === 'number')) return 'money'
  return form
}

function presentColumns(
  configured: KindConfig['columns'] = {},
  defaults: Columns,
): Partial<Columns> {
  const names = Object.keys(defaults) as (keyof Columns)[]
  return Object.fromEntries(
    names.flatMap((name) => (name in configured ? [[name, configured[name]]] : [])),
  )
}

function settleCreate(
  configured: KindConfig['createInWorkbooks'],
  fallback: readonly CreateCondition[] | undefined,
): readonly CreateCondition[] | undefined {
  if (configured === undefined || configured === true) return fallback
  return configured === false ? undefined : configured.when
}

function settleFields(
  { fields, outreach }: KindDefinition,
  entries: readonly FieldEntry[],
): readonly Field[] {
  const replaced = new Set(entries.map(({ workbooks }) => workbooks))
  const lines: readonly (FieldLine & FieldEntry)[] = [
    ...fields.filter(({ workbooks }) => !replaced.has(workbooks)),
    ...entries.flatMap((entry) =>
      entry.enabled === false || entry.outreach === undefined
        ? []
        : [{ ...columnOf(fields, entry), ...entry, outreach: entry.outreach }],
    ),
  ]
  // A line that names people's rows knows what they are, whatever the configuration says of it.
  const members = fields.find((line) => line.members !== undefined)
  return lines.map((line) =>
    toField(line.outreach === members?.outreach ? { ...members, ...line } : line, outreach.type),
  )
}

/** What the default mapping knows of the column, whatever it is mapped to. */
function columnOf(
  fields: readonly FieldLine[],
  { workbooks }: FieldEntry,
): Pick<FieldLine, 'form' | 'isParty'> {
  const { form, isParty } = fields.find((line) => line.workbooks === workbooks) ?? {}
  return { ...(form === undefined ? {} : { form }), ...(isParty === true ? { isParty } : {}) }
}

function toField(line: FieldLine & Omit<FieldEntry, 'outreach'>, type: string): Field {
  // The kinds name only types of that table.
  const outreachType = type as OutreachType
  // Of a list the first element is mapped, whether the mapping says so or not.
  const outreach = line.outreach.replace(/\[0\]$/, '')
  const attribute = outreachAttribute(outreachType, outreach)
  const relationship = outreachRelationship(outreachType, outreach)
  return {
    workbooks: line.workbooks,
    outreach,
    direction: line.direction ?? 'both',
    onConflict: line.onConflict ?? 'latest',
    onLink: line.onLink ?? 'workbooks',
    maxLength: attribute?.type === 'string' ? attribute.maxLength : undefined,
    ...(toMembers(line) ??
      toLink(line, relationship?.types) ?? { form: line.form ?? toForm(attribute, outreach) }),
  }
}

function toMembers({
  workbooks: idsColumn,
  outreach: rowType,
  members,
}: FieldLine): Pick<Field, 'form' | 'members'> | undefined {
  return members && { form: 'members', members: { ...members, idsColumn, rowType } }
}

/** By the types of record that the relationship leads to; undefined where it is none that we follow. */
function toLink(
  { owner, isParty }: FieldLine,
  types: readonly string[] = [],
): Pick<Field, 'form' | 'parent'> | undefined {
  if (owner === true || types.includes('user')) return { form: 'owner' }
  if (types.includes('opportunityStage')) return { form: 'stage' }
  const kind = kinds.find((one) => types.includes(outreachTypes[one]))
  if (kind === undefined) return undefined
  const parent = { kind, outreachType: outreachTypes[kind] }
  return { form: 'parent', parent: isParty === true ? { ...parent, isParty } : parent }
}

const formsByName: Readonly<Record<string, FormName>> = {
  emails: 'emails',
  optedOut: 'opt-out',
  emailOptedOut: 'opt-out',
}

function toForm(attribute: OutreachAttribute | undefined, name: string): FormName {
  if (attribute === undefined) return 'text'
  const own = formsByName[name]
  if (own !== undefined) return own
  if (attribute.format === 'date-time') return 'moment'
  const forms: Readonly<Record<string, FormName>> = {
    integer: 'integer',
    number: 'number',
    boolean: 'boolean',
    array: 'list',
  }
  return forms[attribute.type] ?? 'text'
}

function toReadColumns(
  columns: Columns,
  { fields, matching }: Pick<Kind, 'fields' | 'matching'>,
): readonly string[] {
  const steering = Object.values(columns).filter((column): column is string => column !== null)
  const owner = fields.some(({ form }) => form === 'owner') ? ['assigned_to'] : []
  const mapped = fields.flatMap(({ workbooks, members }) =>
    members === undefined ? [workbooks] : [workbooks, members.rolesColumn],
  )
  return [...new Set([...alwaysRead, ...steering, ...owner, ...matching.columns, ...mapped])]
}

import type { Link, RecordStore, Row } from './record-store.ts'
import type { Relationship, Resource, Resources } from './resources.ts'

/** A record as readers see it: stored columns, defaults, and what is derived from other records. */
export type RecordView = {
  readonly valueOf: (row: Row, name: string) => unknown
  readonly linkOf: (row: Row, name: string) => Link | null
  /** The records of a to-many relationship. */
  readonly relatedOf: (row: Row, relationship: Relationship) => readonly Row[]
  readonly resourceOf: (row: Row) => Resource
}

type Deps = { readonly store: RecordStore; readonly resources: Resources }
type Derive = (row: Row, store: RecordStore) => unknown

const nameOf = (name: string) => (row: Row, store: RecordStore) => {
  const link = row.links[name]
  return link ? (store.find(link.type, link.id)?.attributes['name'] ?? null) : null
}

const fullName = (row: Row) =>
  [row.attributes['firstName'], row.attributes['lastName']]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(' ')

const isSet = (name: string) => (row: Row) => (row.attributes[name] ?? null) !== null

const derivedValues: Readonly<Record<string, Readonly<Record<string, Derive>>>> = {
  prospect: {
    // Names, else the first address, else null (outreach-api 6.1).
    name: (row) => fullName(row) || (firstOf(row.attributes['emails']) ?? null),
    company: (row, store) => nameOf('account')(row, store) ?? row.attributes['company'] ?? null,
    accountName: nameOf('account'),
    stageName: nameOf('stage'),
    personaName: nameOf('persona'),
    updaterId: (row) => row.links['updater']?.id ?? null,
    updaterType: (row) => (row.links['updater'] ? 'User' : null),
  },
  task: {
    completed: (row) => row.attributes['state'] === 'complete',
    completedAt: (row) =>
      row.attributes['state'] === 'complete' ? (row.attributes['stateChangedAt'] ?? null) : null,
  },
  user: { name: (row) => fullName(row) || null },
  sequence: { enabled: isSet('enabledAt'), locked: isSet('lockedAt') },
}

const viaProspect = (name: string) => (row: Row, store: RecordStore) => {
  const prospect = row.links['prospect']
  return prospect ? (store.find('prospect', prospect.id)?.links[name] ?? null) : null
}

const derivedLinks: Readonly<
  Record<string, Readonly<Record<string, (row: Row, store: RecordStore) => Link | null>>>
> = {
  // `stage` is a read-only alias (outreach-api 7.3).
  opportunity: { stage: (row) => row.links['opportunityStage'] ?? null },
  task: {
    prospectAccount: viaProspect('account'),
    prospectOwner: viaProspect('owner'),
    prospectStage: viaProspect('stage'),
  },
}

export function makeRecordView({ store, resources }: Deps): RecordView {
  return {
    resourceOf: (row) => resources.of(row.type),
    valueOf: (row, name) => {
      const derive = derivedValues[row.type]?.[name]
      if (derive !== undefined) return derive(row, store)
      const value = row.attributes[name] ?? null
      if (value !== null) return value
      return resources.of(row.type).attributes.get(name)?.kind === 'array' ? [] : null
    },
    linkOf: (row, name) => {
      const derive = derivedLinks[row.type]?.[name]
      return derive === undefined ? (row.links[name] ?? null) : derive(row, store)
    },
    relatedOf: (row, relationship) => relatedOf(row, relationship, store),
  }
}

function relatedOf(row: Row, relationship: Relationship, store: RecordStore): readonly Row[] {
  const through = throughRole(row.type, relationship.name)
  if (through !== undefined) {
    return uniqueRows(
      store.linking('opportunityProspectRole', row.type, row.id).flatMap((role) => {
        const link = role.links[through]
        return link ? (store.find(link.type, link.id) ?? []) : []
      }),
    )
  }
  const [type = ''] = relationship.types
  const rows = store.linking(type, row.type, row.id)
  if (relationship.name !== 'activeSequenceStates') return rows
  return rows.filter(({ attributes }) => attributes['state'] !== 'finished')
}

function throughRole(type: string, relationship: string): string | undefined {
  if (type === 'prospect' && relationship === 'opportunities') return 'opportunity'
  if (type === 'opportunity' && relationship === 'prospects') return 'prospect'
  return undefined
}

function uniqueRows(rows: readonly Row[]): readonly Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) => a.id - b.id)
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined
}

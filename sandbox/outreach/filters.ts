import { makeParameterError } from './api-error.ts'
import {
  toBoundTest,
  toClassicTest,
  toListTest,
  type FilterKind,
  type ValueTest,
} from './filter-value.ts'
import type { FilterTerm, Query } from './query.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { RecordView } from './record-view.ts'
import type { Attribute, Relationship, Resource, Resources } from './resources.ts'

export type RowTest = (row: Row) => boolean

export type FilterRules = {
  /** Attributes whose filters are passed over without a word, as some APIs do (not documented). */
  readonly ignoredFilters: readonly string[]
  /** On: texts are found whatever their case and outer blanks (not documented: outreach-api 3.4). */
  readonly filtersIgnoreCase: boolean
}

type Deps = {
  readonly view: RecordView
  readonly store: RecordStore
  readonly resources: Resources
  readonly rules?: FilterRules
}

/** All filters of a request as one test; what Outreach cannot filter by is a 422. */
export function toRowTest(resource: Resource, query: Query, deps: Deps): RowTest {
  const isHeard = ({ path: [name = ''] }: FilterTerm) => !deps.rules?.ignoredFilters.includes(name)
  const tests = query.filters
    .filter(isHeard)
    .map((term) => toTermTest(resource, { term, query }, deps))
  // Unnamed accounts show only to those who ask for them, or read them by id (outreach-api 3.4).
  if (resource.type === 'account' && !query.filters.some(({ path }) => path[0] === 'named')) {
    tests.push((row) => row.attributes['named'] === true)
  }
  return (row) => tests.every((test) => test(row))
}

/** The only ids that can be in, where a classic filter lists them; undefined: any. */
export function toListedIds({ filters, isNewSyntax }: Query): readonly number[] | undefined {
  const listed = filters.find(({ path }) => path.length === 1 && path[0] === 'id')
  const ids = (listed?.values.at(-1) ?? '').split(',').map(Number)
  const isList = listed !== undefined && !isNewSyntax && ids.every(Number.isInteger)
  return isList ? [...new Set(ids)].sort((a, b) => a - b) : undefined
}

type Asked = { readonly term: FilterTerm; readonly query: Query }

function toTermTest(resource: Resource, asked: Asked, deps: Deps): RowTest {
  const [name = '', sub] = asked.term.path
  const relationship = resource.relationships.get(name)
  if (name === 'q') return toPrefixTest(resource, asked.term)
  const attribute = resource.attributes.get(name)
  if (name === 'id' || attribute?.filterable === true) {
    const kind = kindOf(resource.type, name, attribute)
    const isFolded = kind === 'text' && deps.rules?.filtersIgnoreCase === true
    const test = toValueTest(isFolded ? 'folded' : kind, sub, asked)
    return name === 'id' ? (row) => test(row.id) : (row) => test(deps.view.valueOf(row, name))
  }
  if (relationship === undefined || sub === undefined) throw makeUnfilterable(asked.term)
  return toRelationshipTest(relationship, asked, deps)
}

function toRelationshipTest(relationship: Relationship, asked: Asked, deps: Deps): RowTest {
  const [, name = '', sub] = asked.term.path
  const [targetType = ''] = relationship.types
  const { filterBy } = relationship
  if (!filterBy.includes(name) && !filterBy.includes('*')) throw makeUnfilterable(asked.term)
  const attribute = deps.resources.byType(targetType)?.attributes.get(name)
  const test = toValueTest(kindOf(targetType, name, attribute), sub, asked)
  const valueOf = (target: Row) => (name === 'id' ? target.id : deps.view.valueOf(target, name))
  if (relationship.cardinality !== 'one') {
    return (row) => deps.view.relatedOf(row, relationship).some((target) => test(valueOf(target)))
  }
  return (row) => {
    const link = deps.view.linkOf(row, relationship.name)
    if (link === null) return test(null)
    if (name === 'id') return test(link.id)
    const target = deps.store.find(link.type, link.id)
    return test(target === undefined ? null : valueOf(target))
  }
}

function toValueTest(kind: FilterKind, sub: string | undefined, asked: Asked): ValueTest {
  const { term, query } = asked
  const parameter = toParameter(term)
  if (!query.isNewSyntax) {
    if (sub !== undefined) throw makeUnfilterable(term)
    return toClassicTest(kind, term.values.at(-1) ?? '', parameter)
  }
  if (sub === undefined) return toListTest(kind, term.values, parameter)
  if (sub !== 'gte' && sub !== 'lte') throw makeUnfilterable(term)
  return toBoundTest(kind, { op: sub, text: term.values.at(-1) ?? '' }, parameter)
}

const kindsByFormat: Readonly<Record<string, FilterKind>> = {
  email: 'email',
  'date-time': 'time',
  date: 'time',
}

const kindsByKind: Readonly<Record<string, FilterKind>> = {
  boolean: 'boolean',
  integer: 'number',
  number: 'number',
}

function kindOf(type: string, name: string, attribute: Attribute | undefined): FilterKind {
  if (name === 'id') return 'number'
  if (type === 'prospect' && name === 'emails') return 'email'
  const { format = '', kind = '' } = attribute ?? {}
  return kindsByFormat[format] ?? kindsByKind[kind] ?? 'text'
}

const searched: Readonly<Record<string, readonly string[]>> = {
  account: ['name', 'domain', 'naturalName'],
  prospect: ['firstName', 'lastName', 'emails'],
}

function toPrefixTest(resource: Resource, term: FilterTerm): RowTest {
  const names = searched[resource.type]
  if (names === undefined) throw makeUnfilterable(term)
  const prefix = (term.values.at(-1) ?? '').trim().toLowerCase()
  const hasPrefix = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(hasPrefix)
    if (typeof value !== 'string') return false
    const text = value.toLowerCase()
    return text.startsWith(prefix) || text.split(/\s+/).some((word) => word.startsWith(prefix))
  }
  return (row) => names.some((name) => hasPrefix(row.attributes[name]))
}

function toParameter(term: FilterTerm): string {
  return `filter${term.path.map((part) => `[${part}]`).join('')}`
}

function makeUnfilterable(term: FilterTerm): Error {
  const parameter = toParameter(term)
  return makeParameterError(`'${parameter}' is not a supported filter.`, parameter)
}

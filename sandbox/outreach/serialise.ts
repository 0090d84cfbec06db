import { makeParameterError } from './api-error.ts'
import type { Page } from './paging.ts'
import type { Query } from './query.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { RecordView } from './record-view.ts'
import type { Relationship, Resource } from './resources.ts'

export type Viewer = { readonly userId: number | null }

export type Serialiser = {
  readonly toOne: (row: Row, query: Query, viewer: Viewer) => unknown
  readonly toMany: (
    page: Page,
    shown: { readonly resource: Resource; readonly query: Query; readonly total: number },
    viewer: Viewer,
  ) => unknown
  /** The types that `include` reads, each of which needs its own scope. */
  readonly includedTypes: (resource: Resource, include: readonly string[]) => readonly string[]
}

type Deps = {
  readonly view: RecordView
  readonly store: RecordStore
  /** `http://127.0.0.1:4000`, once the server knows it. */
  readonly baseUrl: () => string
  readonly resourceOf: (type: string) => Resource | undefined
  readonly now: () => number
}

// Leaves the default prospect on this day; then only `fields[prospect]` brings it (outreach-api 3.3).
const histogramEndsAt = Date.parse('2026-10-01T00:00:00Z')

export function makeSerialiser(deps: Deps): Serialiser {
  const { view } = deps
  const address = (path: string) => `${deps.baseUrl()}/api/v2/${path}`

  const isShown = (name: string, fields: ReadonlySet<string> | undefined) =>
    fields?.has(name) ?? !(name === 'contactHistogram' && deps.now() >= histogramEndsAt)

  const toAttributes = (row: Row, query: Query, viewer: Viewer) => {
    const fields = query.fields.get(row.type)
    const names = [...view.resourceOf(row).attributes.values()]
      .filter(({ readable, name }) => readable && isShown(name, fields))
      .map(({ name }) => name)
    return Object.fromEntries(
      names.map((name) => [name, isSecretFor(row, name, viewer) ? null : view.valueOf(row, name)]),
    )
  }

  const toRelationship = (row: Row, relationship: Relationship) => {
    if (relationship.cardinality === 'one') return { data: view.linkOf(row, relationship.name) }
    const [type = ''] = relationship.types
    const plural = deps.resourceOf(type)?.plural
    const filter = encodeURIComponent(`filter[${row.type}][id]`)
    const links =
      plural === undefined ? {} : { links: { related: address(`${plural}?${filter}=${row.id}`) } }
    if (relationship.cardinality === 'link') return links
    const related = view.relatedOf(row, relationship)
    return {
      data: related.map(({ type: relatedType, id }) => ({ type: relatedType, id })),
      ...links,
      meta: { count: related.length },
    }
  }

  const toObject = (row: Row, query: Query, viewer: Viewer) => {
    const resource = view.resourceOf(row)
    const fields = query.fields.get(row.type)
    const relationships = [...resource.relationships.values()]
      .filter(({ name }) => fields?.has(name) ?? true)
      .map((relationship) => [relationship.name, toRelationship(row, relationship)])
    return {
      type: row.type,
      id: row.id,
      attributes: toAttributes(row, query, viewer),
      relationships: Object.fromEntries(relationships) as unknown, // pairs made two lines above
      links: { self: address(`${resource.plural}/${row.id}`) },
    }
  }

  const follow = (rows: readonly Row[], name: string): readonly Row[] =>
    rows.flatMap((row) => {
      const relationship = view.resourceOf(row).relationships.get(name)
      if (relationship === undefined) return []
      if (relationship.cardinality !== 'one') return view.relatedOf(row, relationship)
      const link = view.linkOf(row, name)
      return link === null ? [] : (deps.store.find(link.type, link.id) ?? [])
    })

  const toIncluded = (rows: readonly Row[], query: Query, viewer: Viewer) => {
    if (query.include.length === 0) return {}
    const included = new Map<string, Row>()
    for (const path of query.include) {
      let reached = rows
      for (const name of path.split('.')) {
        reached = follow(reached, name)
        for (const row of reached) included.set(`${row.type}:${row.id}`, row)
      }
    }
    return { included: [...included.values()].map((row) => toObject(row, query, viewer)) }
  }

  return {
    toOne: (row, query, viewer) => ({
      data: toObject(row, query, viewer),
      ...toIncluded([row], query, viewer),
    }),
    toMany: (page, { resource, query, total }, viewer) => ({
      data: page.rows.map((row) => toObject(row, query, viewer)),
      ...toIncluded(page.rows, query, viewer),
      meta: { count: query.isCounted ? total : null, count_truncated: false },
      links: Object.fromEntries(
        Object.entries(page.links).map(([name, parameters]) => [
          name,
          address(`${resource.plural}?${toPageQuery(query, parameters)}`),
        ]),
      ),
    }),
    includedTypes: (resource, include) =>
      include.flatMap((path) => toIncludedTypes(resource, path.split('.'), deps.resourceOf)),
  }
}

function toIncludedTypes(
  resource: Resource,
  path: readonly string[],
  resourceOf: (type: string) => Resource | undefined,
): readonly string[] {
  const [name = '', ...rest] = path
  const relationship = resource.relationships.get(name)
  if (relationship === undefined) {
    throw makeParameterError(`'${name}' is not a relationship of '${resource.type}'.`, 'include')
  }
  if (rest.length === 0) return relationship.types
  return relationship.types.flatMap((type) => {
    const target = resourceOf(type)
    return target === undefined ? [type] : [type, ...toIncludedTypes(target, rest, resourceOf)]
  })
}

/** Only who made a webhook sees its secret again (outreach-api 1.1). */
function isSecretFor(row: Row, name: string, viewer: Viewer): boolean {
  return name === 'secret' && row.links['creator']?.id !== (viewer.userId ?? undefined)
}

function toPageQuery(query: Query, page: Readonly<Record<string, string>>): string {
  const kept = [...query.parameters].filter(([key]) => !key.startsWith('page[') && key !== 'sort')
  const paged = Object.entries(page).map(([key, value]) => [`page[${key}]`, [value]] as const)
  const sort = query.sort.length === 0 ? 'id' : query.sort.join(',')
  return [...kept, ...paged, ['sort', [sort]] as const]
    .flatMap(([key, values]) =>
      values.map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`),
    )
    .join('&')
}

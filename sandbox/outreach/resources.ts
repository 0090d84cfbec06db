import file from './resources.json' with { type: 'json' }

export type Attribute = {
  readonly name: string
  readonly kind: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object'
  readonly format: string | undefined
  readonly maxLength: number | undefined
  readonly readable: boolean
  readonly writable: boolean
  readonly filterable: boolean
  readonly sortable: boolean
}

export type Relationship = {
  readonly name: string
  /** `link`: a to-many relationship that shows an address and no ids. */
  readonly cardinality: 'one' | 'many' | 'link'
  readonly types: readonly string[]
  readonly writable: boolean
  /** Attributes of the other side that `filter[rel][attr]` accepts; `*` is any. */
  readonly filterBy: readonly string[]
}

export type Operation = { readonly s2s: boolean; readonly params: readonly string[] }

export type Resource = {
  readonly type: string
  readonly plural: string
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly relationships: ReadonlyMap<string, Relationship>
  /** `list`, `create`, `get`, `update`, `delete`. */
  readonly operations: ReadonlyMap<string, Operation>
  readonly actions: ReadonlyMap<string, Operation>
  /** What a webhook may announce about it; empty where it has none. */
  readonly webhookActions: readonly string[]
}

export type Resources = {
  readonly byType: (type: string) => Resource | undefined
  readonly byPlural: (plural: string) => Resource | undefined
  /** The resource of a type that is known to exist. */
  readonly of: (type: string) => Resource
  readonly all: readonly Resource[]
}

type Entry = {
  readonly plural: string
  readonly operations: Readonly<Record<string, string>>
  readonly actions?: Readonly<Record<string, string>>
  readonly custom?: string
  readonly attributes: Readonly<Record<string, string>>
  readonly relationships: Readonly<Record<string, string>>
}

const kinds = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const

/** Reads the table of resources: `type[:format] [max] flags` with r(ead), w(rite), f(ilter), s(ort). */
export function makeResources(): Resources {
  const entries: Readonly<Record<string, Entry>> = file.resources
  const actions: Readonly<Record<string, readonly string[]>> = file.webhookActions
  const all = Object.entries(entries).map(([type, entry]) =>
    toResource(type, entry, actions[type] ?? []),
  )
  const types = new Map(all.map((resource) => [resource.type, resource]))
  const plurals = new Map(all.map((resource) => [resource.plural, resource]))
  return {
    all,
    byType: (type) => types.get(type),
    byPlural: (plural) => plurals.get(plural),
    of: (type) => {
      const resource = types.get(type)
      if (resource === undefined) throw new Error(`The simulated Outreach has no type '${type}'.`)
      return resource
    },
  }
}

function toResource(type: string, entry: Entry, webhookActions: readonly string[]): Resource {
  const attributes = new Map<string, Attribute>()
  for (const [name, text] of Object.entries(entry.attributes)) {
    attributes.set(name, toAttribute(name, text))
  }
  const [count = '0', max = ''] = (entry.custom ?? '').split(' ')
  for (let n = 1; n <= Number(count); n += 1) {
    attributes.set(`custom${n}`, toAttribute(`custom${n}`, `string ${max} rw`))
  }
  return {
    type,
    plural: entry.plural,
    // Replies list attributes alphabetically (outreach-api 3.1).
    attributes: new Map([...attributes].sort(([a], [b]) => (a < b ? -1 : 1))),
    relationships: new Map(
      Object.entries(entry.relationships).map(([name, text]) => [name, toRelationship(name, text)]),
    ),
    operations: toOperations(entry.operations),
    actions: toOperations(entry.actions ?? {}),
    webhookActions,
  }
}

function toAttribute(name: string, text: string): Attribute {
  const words = text.split(' ')
  const flags = words.at(-1) ?? ''
  const [kindName = '', format] = (words[0] ?? '').split(':')
  return {
    name,
    kind: kinds.find((kind) => kind === kindName) ?? 'string',
    format,
    maxLength: words.length === 3 ? Number(words[1]) : undefined,
    readable: flags.includes('r'),
    writable: flags.includes('w'),
    filterable: flags.includes('f'),
    sortable: flags.includes('s'),
  }
}

function toRelationship(name: string, text: string): Relationship {
  const [cardinality = '', types = '', access = '', filterBy = ''] = text.split(' ')
  return {
    name,
    cardinality: cardinality === 'one' ? 'one' : cardinality === 'many' ? 'many' : 'link',
    types: types.split('|'),
    writable: access === 'w',
    // Where the specification says nothing, the id is the least that works in practice.
    filterBy: filterBy === '-' ? [] : filterBy === '?' ? ['id'] : filterBy.split(','),
  }
}

function toOperations(texts: Readonly<Record<string, string>>): ReadonlyMap<string, Operation> {
  return new Map(
    Object.entries(texts).map(([name, text]) => {
      const [access, ...params] = text.split(' ')
      return [name, { s2s: access === 's2s', params }]
    }),
  )
}

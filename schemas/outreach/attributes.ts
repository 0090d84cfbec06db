import table from './attributes.json' with { type: 'json' }

export type OutreachType = keyof typeof table

/** What the vendor's schema says of one attribute; `undocumented` ones were seen in real answers only. */
export type OutreachAttribute = {
  readonly type: string
  /** Of an array's elements. */
  readonly items?: string
  readonly maxLength?: number
  readonly format?: string
  readonly writable: boolean
  readonly filterable: boolean
}

export type OutreachRelationship = {
  readonly types: readonly string[]
  /** To-many. */
  readonly many: boolean
  readonly writable: boolean
}

type Described = {
  readonly attributes: Readonly<Record<string, OutreachAttribute>>
  readonly relationships: Readonly<Record<string, OutreachRelationship>>
  readonly custom?: {
    readonly first: number
    readonly last: number
    readonly type: string
    readonly maxLength: number
  }
}

const described: Readonly<Record<OutreachType, Described>> = table

/** The attribute `name` (also `custom1` to `custom150`) of a type; undefined where there is none. */
export function outreachAttribute(type: OutreachType, name: string): OutreachAttribute | undefined {
  const { attributes, custom } = described[type]
  if (Object.hasOwn(attributes, name)) return attributes[name]

  const number = Number(/^custom([1-9]\d{0,2})$/.exec(name)?.[1])
  if (custom === undefined || !(number >= custom.first && number <= custom.last)) return undefined
  return { type: custom.type, maxLength: custom.maxLength, writable: true, filterable: false }
}

export function outreachRelationship(
  type: OutreachType,
  name: string,
): OutreachRelationship | undefined {
  const { relationships } = described[type]
  return Object.hasOwn(relationships, name) ? relationships[name] : undefined
}

/** Every documented attribute and to-one relationship of a type, without the custom ones. */
export function outreachNames(type: OutreachType): readonly string[] {
  const { attributes, relationships } = described[type]
  const toOne = Object.entries(relationships).filter(([, { many }]) => !many)
  return [...Object.keys(attributes), ...toOne.map(([name]) => name)]
}

/** One `filter[a][b]=...` of a request; several values only from `filter[a][]=..&filter[a][]=..`. */
export type FilterTerm = { readonly path: readonly string[]; readonly values: readonly string[] }

export type Query = {
  readonly filters: readonly FilterTerm[]
  /** `newFilterSyntax=true`: values are taken as they are, commas and `..` included. */
  readonly isNewSyntax: boolean
  readonly sort: readonly string[]
  readonly include: readonly string[]
  /** Wanted members by type; a type that is not named shows all. */
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>
  readonly page: Readonly<Record<string, string>>
  readonly isCounted: boolean
  readonly actionParams: ReadonlyMap<string, string>
  /** Every parameter once, for the links of a page. */
  readonly parameters: ReadonlyMap<string, readonly string[]>
}

/** Of a parameter given twice the last counts, except for the list form `name[]`. */
export function toQuery(search: URLSearchParams): Query {
  const parameters = new Map<string, readonly string[]>()
  for (const [key, value] of search) {
    const before = key.endsWith('[]') ? (parameters.get(key) ?? []) : []
    parameters.set(key, [...before, value])
  }
  const single = (key: string) => parameters.get(key)?.at(-1)
  const byFirst = (first: string) =>
    [...parameters].flatMap(([key, values]) => {
      const [name, ...path] = toPath(key)
      return name === first ? [{ path, values }] : []
    })
  const pairs = (first: string) =>
    byFirst(first).map(({ path, values }) => [path[0] ?? '', values.at(-1) ?? ''] as const)
  return {
    filters: byFirst('filter'),
    isNewSyntax: single('newFilterSyntax') === 'true',
    sort: toWords(single('sort')),
    include: toWords(single('include')),
    fields: new Map(pairs('fields').map(([type, names]) => [type, new Set(toWords(names))])),
    page: Object.fromEntries(pairs('page')),
    isCounted: single('count') === 'true',
    actionParams: new Map(pairs('actionParams')),
    parameters,
  }
}

function toPath(key: string): readonly string[] {
  const [first = '', ...rest] = key.split('[')
  return [first, ...rest.map((part) => part.replace(/\]$/, '')).filter((part) => part !== '')]
}

function toWords(list: string | undefined): readonly string[] {
  return (list ?? '').split(',').filter((word) => word !== '')
}

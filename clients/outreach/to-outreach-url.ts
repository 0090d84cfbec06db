import type { OutreachQuery } from './outreach-client.ts'

/** The path that a type's records live under: `opportunity` under `opportunities`. */
export function toPlural(type: string): string {
  if (/[^aeiou]y$/.test(type)) return `${type.slice(0, -1)}ies`
  return /(s|x|ch|sh)$/.test(type) ? `${type}es` : `${type}s`
}

/** An address of the API, from the setting with or without its `/api/v2`. */
export function toApiUrl(apiUrl: string, path: string): string {
  return `${apiUrl.replace(/\/+$/, '').replace(/\/api\/v2$/, '')}${path}`
}

/** The query string of a list, always by cursor: without `page[size]` Outreach pages by offset. */
export function toListQuery(query: OutreachQuery): string {
  const { filter = {}, sort, fields = {}, size, isCounted = false } = query
  const params = new URLSearchParams()
  const filters = Object.entries(filter)
  if (filters.some(([key, value]) => needsNewSyntax(key, value))) {
    params.append('newFilterSyntax', 'true')
    for (const [key, value] of filters) {
      for (const [suffix, part] of toNewSyntax(key, value)) {
        params.append(`filter${toBrackets(key)}${suffix}`, part)
      }
    }
  } else {
    for (const [key, value] of filters) params.append(`filter${toBrackets(key)}`, value)
  }
  if (sort !== undefined) params.append('sort', sort)
  for (const [type, names] of Object.entries(fields)) {
    params.append(`fields[${type}]`, names.join(','))
  }
  if (isCounted) params.append('count', 'true')
  params.append('page[size]', String(size ?? 100))
  return params.toString()
}

/** `account.id` and `account[id]` alike become `[account][id]`. */
function toBrackets(key: string): string {
  const parts = key.split(/[.[\]]+/).filter((part) => part !== '')
  return parts.map((part) => `[${part}]`).join('')
}

const isIdKey = (key: string) => /(^|[.[])id\]?$/.test(key)
const isListOfIds = (key: string, value: string) => isIdKey(key) && /^\d+(,\d+)*$/.test(value)
const bound = '(?:inf|neginf|-?\\d[^,]*?)'
const range = new RegExp(`^(${bound})\\.\\.(${bound})$`)
// Only where a range makes sense: a company may be called "2..3".
const toRange = (key: string, value: string) =>
  isIdKey(key) || /(At|On|Date)$/.test(key) ? range.exec(value) : null

/** A comma or `..` that is part of the value itself, not of an id list or of a range. */
function needsNewSyntax(key: string, value: string): boolean {
  if (isListOfIds(key, value) || toRange(key, value) !== null) return false
  return value.includes(',') || value.includes('..')
}

function toNewSyntax(key: string, value: string): readonly (readonly [string, string])[] {
  if (isListOfIds(key, value)) return value.split(',').map((id) => ['[]', id] as const)
  const [, from, to] = toRange(key, value) ?? []
  if (from !== undefined && to !== undefined) {
    const ends = [['[gte]', from] as const, ['[lte]', to] as const]
    return ends.filter(([, end]) => end !== 'inf' && end !== 'neginf')
  }
  return /^__(not)?null__$/.test(value) ? [['', value]] : [['[]', value]]
}

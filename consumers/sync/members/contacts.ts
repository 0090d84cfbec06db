import type { Value } from '../fields/value.ts'

/** Where the two parallel columns stand. */
export type ContactColumns = { readonly idsColumn: string; readonly rolesColumn: string }

/** One entry of the two columns; no role is the empty text. */
export type Contact = { readonly id: string; readonly role: string }

type Columns = Readonly<Record<string, unknown>>

/** The entries of both columns, in their order; roles that are missing are none (workbooks-api 7.4). */
export function readContacts(
  { idsColumn, rolesColumn }: ContactColumns,
  columns: Columns,
): readonly Contact[] {
  const roles = readArray(columns[rolesColumn])
  const ids = readArray(columns[idsColumn])
  return ids.flatMap((id, at) => (/^[1-9]\d*$/.test(id) ? [{ id, role: roles[at] ?? '' }] : []))
}

/** A JSON array, or its text, in JSON or as Workbooks writes it: `[12,13]`, `[Partner,Partner]`. */
export function readArray(raw: unknown): readonly string[] {
  if (Array.isArray(raw)) return raw.map(toItem)
  if (typeof raw === 'number') return [String(raw)]
  if (typeof raw !== 'string' || raw.trim() === '') return []
  // Words without quotes are none of JSON's: [1.50], [true] and [null] are what they read.
  const parsed = raw.includes('"') ? parseJson(raw) : undefined
  if (Array.isArray(parsed)) return parsed.map(toItem)
  const inner = raw.trim().replace(/^\[|\]$/g, '')
  return inner === '' ? [] : inner.split(',').map((part) => part.trim())
}

function toItem(item: unknown): string {
  return typeof item === 'string' || typeof item === 'number' ? String(item).trim() : ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The roles as a value: sorted, each once; null where there are none, [''] without a word. */
export function toRoles(roles: readonly string[]): Value {
  const all = [...new Set(roles)].sort()
  return all.length === 0 ? null : all
}

/** Why a role cannot be written as part of a text of roles; undefined where it can. */
export function whyNotInArray(role: string): string | undefined {
  return role.includes(',')
    ? 'a role has a comma, which Workbooks takes for the end of it'
    : undefined
}

/**
 * Both columns as one text each, with these people's roles; who is not named stays in place and order. A
 * role that changes keeps its entry's place, a new one goes to the end.
 */
export function toContactColumns(
  line: ContactColumns,
  wanted: ReadonlyMap<string, readonly string[]>,
  columns: Columns,
): Readonly<Record<string, string>> {
  let contacts = readContacts(line, columns)
  for (const [id, roles] of wanted) contacts = withRoles(contacts, id, roles)
  return {
    [line.idsColumn]: `[${contacts.map(({ id }) => id).join(',')}]`,
    [line.rolesColumn]: `[${contacts.map(({ role }) => role).join(',')}]`,
  }
}

function withRoles(contacts: readonly Contact[], id: string, roles: readonly string[]) {
  const standing = contacts.filter((one) => one.id === id).map(({ role }) => role)
  const missing = roles.filter((role) => !standing.includes(role))
  const kept = contacts.flatMap((one) => {
    if (one.id !== id || roles.includes(one.role)) return [one]
    const role = missing.shift()
    return role === undefined ? [] : [{ id, role }]
  })
  return [...kept, ...missing.map((role) => ({ id, role }))]
}

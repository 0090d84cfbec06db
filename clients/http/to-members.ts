export type Members = Readonly<Record<string, unknown>>

const none: Members = {}

/** The members of a JSON object, by name; of anything else, none. An array is an object with indices. */
export function toMembers(value: unknown): Members {
  // Own enumerable members of something that JSON.parse made: reading them cannot go wrong.
  return typeof value === 'object' && value !== null ? (value as Members) : none
}

export function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

/** The elements of an array, or the values of an object whose keys are indices (PHP makes both). */
export function toElements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const members = toMembers(value)
  const keys = Object.keys(members)
  return keys.every((key) => /^\d+$/.test(key)) ? keys.map((key) => members[key]) : []
}

/** The JSON value in `text`; undefined where there is none. */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** A time as it stands in events: UTC, without a fraction where that is zero; undefined out of range. */
export function toIsoTime(ms: number): string | undefined {
  if (!(ms >= firstMs && ms <= lastMs)) return undefined
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

// Years that have four digits: what RFC 3339 can say.
const firstMs = Date.UTC(1, 0, 1)
const lastMs = Date.UTC(9999, 11, 31)

const isoForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(?<zone>Z|[+-]\d\d:?\d\d)?$/

// How Outreach writes nearly all of its times: nothing to calculate, and nothing that could be no date.
const eventForm =
  /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.000Z$/

/** An ISO 8601 date-time, of any zone (none: UTC), in the events' form; undefined for anything else. */
export function readIsoTime(value: unknown): string | undefined {
  if (typeof value === 'string' && eventForm.test(value)) return `${value.slice(0, 19)}Z`
  const match = typeof value === 'string' ? isoForm.exec(value) : null
  if (match === null) return undefined
  const [text] = match
  return toIsoTime(Date.parse(match.groups?.['zone'] === undefined ? `${text}Z` : text))
}

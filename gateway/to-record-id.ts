const recordId = /^[1-9]\d{0,18}$/

/**
 * An id as a string of digits; undefined for what names no record. A number beyond 2^53 names none
 * either: reading it as JSON has already changed it to another record's.
 */
export function toRecordId(value: unknown): string | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined
  }
  return typeof value === 'string' && recordId.test(value) ? value : undefined
}

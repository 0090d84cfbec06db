const form = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Whether it is a W3C trace context of version 00, the only one with a settled length. */
export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && form.test(value)
}

/** Outreach keeps whole seconds and prints them with `.000Z` (outreach-api 1.5). */
export function toWireTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString()
}

/** Milliseconds and an org's own zone, as only `meta.deliveredAt` has them (outreach-api 1.5). */
export function toZonedTime(ms: number, zone: string): string {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? []
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  return `${new Date(ms + offsetMs).toISOString().slice(0, -1)}${zone}`
}

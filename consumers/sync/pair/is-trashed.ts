import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { toText } from '../fields/record-values.ts'

/** In Outreach's recycle area: it can still be read, and is gone all the same. */
export function isTrashed({ attributes }: Pick<OutreachRecord, 'attributes'>): boolean {
  return toText(attributes['trashedAt']) !== undefined
}

import { createHash } from 'node:crypto'
import type { Kept } from '../../../event-log/event-log.ts'
import type { RecordEvent } from '../../../schemas/event.ts'
import { readEvent } from '../../../schemas/read-event.ts'
import { toRecordRef, type System } from '../../../schemas/record-ref.ts'
import { prospectPartsOfOutreach } from '../../../schemas/topics.ts'
import type { Announcement } from '../../../state/misses.ts'
import { toRecordId } from '../../to-record-id.ts'
import { toResourceName } from './note-found.ts'

/**
 * What a sender told with this entry of a record's topic; undefined where no sender did, for it was found
 * otherwise. Echoes of our own writes are announcements like others: the sender kept its word there too.
 */
export function toAnnouncement({ value, keptAt }: Kept): Announcement | undefined {
  const event = readEvent(value)
  if (event?.origin !== 'webhook') return undefined
  // What stands on a record's topic was validated as that before it was kept.
  const { id, time, source, data } = event as RecordEvent
  const system: System = source === '/workbooks' ? 'workbooks' : 'outreach'
  const { type, id: recordId } = readPart(data.native) ?? data.record
  return {
    id: createHash('sha256').update(id).digest('base64url').slice(0, 22),
    resource: toResourceName(system, type),
    record: toRecordRef({ system, type, id: recordId }),
    at: Math.floor(Date.parse(time) / 1_000),
    version: system === 'workbooks' ? readVersion(data.changed['lock_version']) : null,
    keptAt,
  }
}

/** An event of a prospect tells of its e-mail address or phone number, where the delivery was about that. */
function readPart(native: unknown): { readonly type: string; readonly id: string } | undefined {
  const { type, id } = membersOf(membersOf(native)['data'])
  if (typeof type !== 'string' || !prospectPartsOfOutreach.has(type)) return undefined
  const recordId = toRecordId(id)
  return recordId === undefined ? undefined : { type, id: recordId }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function readVersion(value: unknown): number | null {
  const version = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : null
}

import type { WorkbooksRecord } from '../../clients/workbooks/workbooks-client.ts'
import type { Entry } from '../../event-log/event-log.ts'
import type { Origin } from '../../schemas/event.ts'
import { versionOfRow } from '../../schemas/row-version.ts'
import { toEventEntry } from '../to-entry.ts'
import { normaliseHints } from './normalise-hints.ts'

type Polled = {
  /** `organisation`. */
  readonly resource: string
  readonly origin: Origin
  /** Our clock, epoch ms. */
  readonly foundAt: number
  readonly traceparent: string
}

/**
 * The event of a row that a poller read: what our change hook would have said of it, with an id of this
 * door, made of type, id and `lock_version` (product 4). Undefined for what has no topic.
 */
export function normaliseRow(row: WorkbooksRecord, polled: Polled): Entry | undefined {
  const { resource, origin, foundAt, traceparent } = polled
  const { object_ref: ref, updated_at: updatedAt, created_at: createdAt } = row.columns
  const isNew = createdAt !== undefined && createdAt === updatedAt
  const hint = {
    resource,
    event: row.isDeleted ? 'deleted' : isNew ? 'created' : 'updated',
    id: row.id,
    object_ref: typeof ref === 'string' ? ref : null,
    lock_version: row.lockVersion,
    updated_at: isTime(updatedAt) ? updatedAt : null,
  }
  const text = JSON.stringify(hint)
  const arrived = { text, bodyHash: () => '', receivedAt: foundAt, traceparent }
  const [understood] = normaliseHints(hint, arrived)
  if (understood?.kind !== 'event') return undefined
  const { event } = understood
  const id = `${event.type}/${row.id}/polled-${versionOfRow(row).replace(' ', '-')}`
  return toEventEntry({ ...understood, event: { ...event, id, origin } })
}

function isTime(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

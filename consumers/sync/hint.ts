import type { Lane } from '../../clients/call.ts'
import type { GatewayEvent, Origin, RecordChange, SyncRequest } from '../../schemas/event.ts'
import { readRecordRef, type RecordRef, type System } from '../../schemas/record-ref.ts'
import { toSeconds } from './fields/record-values.ts'

/** What one event says, as far as the sync listens to it: it names a record, the records are the truth. */
export type HintEvent = {
  readonly id: string
  readonly origin: Origin
  readonly action: string
  /** Epoch seconds: the record's updated time in the event, 0 where it does not say. */
  readonly updatedAt: number
  /** Epoch ms: when the source changed, as well as the event tells. */
  readonly changedAt: number
  readonly changed: Readonly<Record<string, unknown>>
  readonly before: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, string | null>>
  readonly linksBefore: Readonly<Record<string, string | null>>
  readonly lockVersion?: number
  readonly traceparent?: string
  /** One of many that a relationship asks for: in a lower lane. */
  readonly isBulk?: true
}

/** All that is known to be said of one record and not yet handled; plain data, it can be parked. */
export type Hint = {
  readonly kind: string
  readonly side: System
  readonly id: string
  readonly events: readonly HintEvent[]
}

/** The kinds by the records they are about. */
type KindNames = readonly {
  readonly name: string
  readonly workbooks: { readonly type: string }
  readonly outreach: { readonly type: string }
}[]

/** The hint in an event, or undefined where it is about no kind that we synchronise. */
export function toHint(event: GatewayEvent, kinds: KindNames): Hint | undefined {
  // Both forms were validated by their topic's schema before they were kept.
  return event.type === 'sync.request'
    ? hintOfRequest(event as GatewayEvent<SyncRequest>, kinds)
    : hintOfChange(event as GatewayEvent<RecordChange>, kinds)
}

function hintOfRequest(event: GatewayEvent<SyncRequest>, kinds: KindNames): Hint | undefined {
  const parts = readRecordRef(event.data.record)
  if (parts === undefined) return undefined
  const kind = kinds.find((one) => one[parts.system].type === parts.type)
  if (kind === undefined) return undefined
  return {
    kind: kind.name,
    side: parts.system,
    id: parts.id,
    events: [
      {
        ...plain(event),
        action: 'requested',
        updatedAt: 0,
        changed: {},
        before: {},
        links: {},
        linksBefore: {},
        ...(event.data.bulk === true ? { isBulk: true as const } : {}),
      },
    ],
  }
}

function hintOfChange(event: GatewayEvent<RecordChange>, kinds: KindNames): Hint | undefined {
  const side = event.source === '/outreach' ? 'outreach' : 'workbooks'
  const { data } = event
  const kind = kinds.find((one) => one[side].type === data.record.type)
  if (kind === undefined) return undefined
  // A change hook says which version it is about beside the columns, a native one among them.
  const said = { ...toObject(data.native), ...data.changed }
  const version = Number(said['lock_version'] ?? Number.NaN)
  return {
    kind: kind.name,
    side,
    id: data.record.id,
    events: [
      {
        ...plain(event),
        action: data.action,
        updatedAt: toSeconds(said[side === 'outreach' ? 'updatedAt' : 'updated_at']),
        changed: data.changed,
        before: data.before,
        links: data.links,
        linksBefore: data.linksBefore ?? {},
        ...(side === 'workbooks' && Number.isInteger(version) ? { lockVersion: version } : {}),
      },
    ],
  }
}

function toObject(raw: unknown): Record<string, unknown> {
  return typeof raw === 'object' && raw !== null ? { ...raw } : {}
}

function plain(event: GatewayEvent) {
  return {
    id: event.id,
    origin: event.origin,
    changedAt: Date.parse(event.time) || 0,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
  }
}

/** A whole record, as a poller or a backfill shows it, names nothing as changed. */
export function namesChanges({ origin }: Pick<HintEvent, 'origin'>): boolean {
  return origin === 'webhook' || origin === 'replay'
}

/** Two hints about one record are one (rulebook 2). */
export function foldHints(first: Hint, second: Hint): Hint {
  const known = new Set(first.events.map((event) => event.id))
  return {
    ...first,
    events: [...first.events, ...second.events.filter(({ id }) => !known.has(id))],
  }
}

const laneOf: Readonly<Record<Origin, Lane>> = {
  webhook: 'live',
  ops: 'live',
  relationship: 'live',
  reconciliation: 'reconciliation',
  replay: 'replay',
  backfill: 'backfill',
}

/** The people of one organisation must not block others (rulebook 7). */
const bulkLane: Lane = 'reconciliation'

const order: readonly Lane[] = ['live', 'reconciliation', 'replay', 'backfill']

/** The first lane that one of its events came by. */
export function laneOfHint({ events }: Hint): Lane {
  const lanes = new Set(
    events.map(({ origin, isBulk }) => (isBulk === true ? bulkLane : laneOf[origin])),
  )
  return order.find((lane) => lanes.has(lane)) ?? 'live'
}

export function refOfHint(hint: Hint, kinds: KindNames): RecordRef {
  const kind = kinds.find(({ name }) => name === hint.kind)
  return `${hint.side}:${kind?.[hint.side].type ?? hint.kind}:${hint.id}`
}

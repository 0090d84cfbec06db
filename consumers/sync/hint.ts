import type { Lane } from '../../clients/call.ts'
import type { GatewayEvent, Origin, RecordChange, SyncRequest } from '../../schemas/event.ts'
import { readRecordRef, type RecordRef, type System } from '../../schemas/record-ref.ts'
import { toSeconds } from './fields/record-values.ts'
import type { RowLinks } from './members/known-rows.ts'
import type { Members, MembersLine } from './members/members.ts'
import { toRowEvent } from './members/row-event.ts'

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
  /** It was told of a row that belongs to the record: the row's id (rulebook 7). */
  readonly row?: string
  /** The records that such a row belonged to, where it was moved. */
  readonly owners?: readonly string[]
  /** One of many that a relationship asks for: in a lower lane. */
  readonly isBulk?: true
}

/** All that is known to be said of one record and not yet handled; plain data, it can be parked. */
export type Hint = {
  readonly kind: string
  readonly side: System
  readonly id: string
  /** The type of the row that `id` is of, where nobody can say yet which record it belongs to. */
  readonly part?: string
  readonly events: readonly HintEvent[]
}

/** The kinds by the records they are about. */
type KindNames = readonly {
  readonly name: string
  readonly workbooks: { readonly type: string }
  readonly outreach: { readonly type: string }
  readonly fields?: readonly {
    readonly members?: (MembersLine & Partial<Members>) | undefined
  }[]
}[]

/** Whom a row relates, as far as it is known here: an event may name its row only. */
export type LinksOfRow = (rowType: string, id: string) => RowLinks | undefined

/** The hint in an event, or undefined where it is about no kind that we synchronise. */
export function toHint(
  event: GatewayEvent,
  kinds: KindNames,
  linksOf: LinksOfRow = () => undefined,
): Hint | undefined {
  // Both forms were validated by their topic's schema before they were kept.
  return event.type === 'sync.request'
    ? hintOfRequest(event as GatewayEvent<SyncRequest>, kinds)
    : hintOfChange(event as GatewayEvent<RecordChange>, kinds, linksOf)
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

function hintOfChange(
  event: GatewayEvent<RecordChange>,
  kinds: KindNames,
  linksOf: LinksOfRow,
): Hint | undefined {
  const side = event.source === '/outreach' ? 'outreach' : 'workbooks'
  const { data } = event
  const kind = kinds.find((one) => one[side].type === data.record.type)
  if (kind === undefined) return hintOfRow(event, kinds, linksOf)
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

/** An event about a row is a hint about the record that it belongs to (rulebook 7). */
function hintOfRow(
  event: GatewayEvent<RecordChange>,
  kinds: KindNames,
  linksOf: LinksOfRow,
): Hint | undefined {
  const { type, id } = event.data.record
  for (const { name, fields = [] } of kinds) {
    const members = fields.find((field) => field.members?.rowType === type)?.members
    if (members === undefined || event.source !== '/outreach') continue
    const { owner, owners, told } = toRowEvent(
      event.data,
      { ...members, rowType: type },
      linksOf(type, id),
    )
    const events = [{ ...plain(event), ...told, row: id, ...(owners.length > 1 ? { owners } : {}) }]
    const hint = { kind: name, side: 'outreach', events } as const
    return owner === undefined ? { ...hint, id, part: type } : { ...hint, id: owner }
  }
  return undefined
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
  return `${hint.side}:${hint.part ?? kind?.[hint.side].type ?? hint.kind}:${hint.id}`
}

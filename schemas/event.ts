/** How an event was found (rulebook 1). */
export type Origin = 'webhook' | 'reconciliation' | 'backfill' | 'replay' | 'relationship' | 'ops'

/** What a sender said of one record, in one form for both systems (product 4). Ids are strings. */
export type RecordChange = {
  /** `created`, `updated`, `destroyed` (Outreach), `deleted` (Workbooks), or an extra action such as `completed`. */
  readonly action: string
  readonly record: { readonly type: string; readonly id: string }
  /** Attributes (columns) that the sender names, with their new values. May be empty. */
  readonly changed: Readonly<Record<string, unknown>>
  /** Their values before, where the sender tells (Outreach payload version 2). */
  readonly before: Readonly<Record<string, unknown>>
  /** To-one relationships that the sender names: the other record's id, or null where it was cleared. */
  readonly links: Readonly<Record<string, string | null>>
  /** The relationships' ids before, where the sender tells. */
  readonly linksBefore?: Readonly<Record<string, string | null>>
  /** The delivery's own body (for an array: the element), as it was sent. */
  readonly native: unknown
}

/** Somebody asks for one record to be synchronised: an operator, a relationship, a backfill. */
export type SyncRequest = {
  readonly record: string
  readonly reason: string
  /** One of many: it goes in a lower lane. */
  readonly bulk?: boolean
}

/** One CloudEvents 1.0 event in structured JSON, as it stands on a topic (product 4). */
export type GatewayEvent<Data = unknown> = {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: '/outreach' | '/workbooks' | '/gateway'
  /** `<system>.<type>.<action>`, e.g. `outreach.account.updated`; `sync.request`; `sync.outcome`. */
  readonly type: string
  /** The id of the record in its own system. */
  readonly subject: string
  /** When it happened, by the sender's clock where it tells, else when it was received. ISO 8601, UTC. */
  readonly time: string
  readonly dataschema: string
  readonly datacontenttype: 'application/json'
  readonly partitionkey: string
  readonly origin: Origin
  readonly traceparent?: string
  readonly data: Data
}

export type RecordEvent = GatewayEvent<RecordChange>

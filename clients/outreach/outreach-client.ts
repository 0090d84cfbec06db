import type { Call, Found } from '../call.ts'

export type OutreachRecord = {
  readonly type: string
  readonly id: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** To-one relationships: the other record's id, null where there is none. */
  readonly links: Readonly<Record<string, string | null>>
  /** Our clock (epoch ms) when the request that read it was sent. */
  readonly readAt: number
}

export type OutreachValues = {
  readonly attributes: Readonly<Record<string, unknown>>
  /** To-one relationships to set; `null` clears. `type` is the other record's type. */
  readonly links?: Readonly<Record<string, { readonly type: string; readonly id: string } | null>>
}

export type OutreachQuery = {
  /** `filter[key]=value`; values with a comma or `..` are sent in the new filter syntax. */
  readonly filter?: Readonly<Record<string, string>>
  readonly sort?: string
  /** Attributes and relationships wanted, by type; a type that is not named has all. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  readonly size?: number
  /** Outreach counts all that match, which costs it time (outreach-api 3.2). */
  readonly isCounted?: boolean
  /** The `links.next` of the page before, as it was given. */
  readonly next?: string
}

export type OutreachPage = {
  readonly records: readonly OutreachRecord[]
  readonly next: string | undefined
  /** All that match, where that was asked for and is told. */
  readonly count?: number
}

/** All of Outreach that the rulebook needs. Types are singular camelCase: `account`, `prospect`. */
export type OutreachClient = {
  /**
   * By id-list filter, 100 ids a call, then one GET for each id that no list shows (an unnamed account
   * is in none). `gone` only on 404 `resourceNotFound` to that GET.
   */
  readonly readMany: (
    type: string,
    ids: readonly string[],
    call: Call,
  ) => Promise<ReadonlyMap<string, Found<OutreachRecord>>>
  readonly page: (type: string, query: OutreachQuery, call: Call) => Promise<OutreachPage>
  /** Every page of a query, to the end. */
  readonly search: (
    type: string,
    query: OutreachQuery,
    call: Call,
  ) => Promise<readonly OutreachRecord[]>
  /** POST. With `notAfter` it is `TooLate` as `update` is. */
  readonly create: (
    type: string,
    values: OutreachValues,
    call: Call & { readonly notAfter?: number },
  ) => Promise<OutreachRecord>
  /**
   * PATCH. Throws `TooLate` instead of sending where, once its turn has come, `notAfter` (epoch ms) is
   * past, and where a redirect asks for it again: the caller reads and merges afresh (rulebook 8).
   */
  readonly update: (
    record: { readonly type: string; readonly id: string },
    values: OutreachValues,
    call: Call & { readonly notAfter: number },
  ) => Promise<OutreachRecord>
  /** DELETE. With `notAfter` it is `TooLate` as `update` is. */
  readonly remove: (
    record: { readonly type: string; readonly id: string },
    call: Call & { readonly notAfter?: number },
  ) => Promise<void>
  /** POST `/{plural}/{id}/actions/{name}`; the record after it, where the answer carries one. */
  readonly act: (
    record: { readonly type: string; readonly id: string },
    action: { readonly name: string; readonly params?: Readonly<Record<string, string>> },
    call: Call,
  ) => Promise<OutreachRecord | undefined>
  /** Outreach's clock minus ours, in ms, by the newest answer's Date header; 0 before the first. */
  readonly clockOffsetMs: () => number
  /** False with server-to-server credentials, whose reach is smaller (outreach-api 2.3). */
  readonly isOAuth: boolean
}

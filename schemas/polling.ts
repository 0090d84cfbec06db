/** The Workbooks columns that a poller asks by (rulebook 3, conditions 1 to 4); null where a kind has none. */
export type PolledColumns = {
  readonly syncToOutreach: string
  readonly outreachSyncError: string
  readonly outreachDuplicate: string | null
  readonly outreachId: string
}

/** What of a record a fingerprint is made of. */
export type Fingerprinted = {
  readonly attributes: readonly string[]
  /** To-one relationships. */
  readonly links: readonly string[]
}

/** One list of Outreach that is asked for what changed since the last time. */
export type PolledResource = Fingerprinted & {
  /** As Outreach spells it: `account`, `emailAddress`. */
  readonly type: string
  /** Beside the one by `updatedAt`: `named=false` lists accounts that are in no other list. */
  readonly filter?: Readonly<Record<string, string>>
  /** Asked in each interval (1), or in each tenth (10). */
  readonly every: number
  /** Its rows tell of another record: that of `type` which their relationship `link` names. */
  readonly about?: { readonly link: string; readonly type: string }
  /** A sync reads all such rows of a record together: it is seen where one of them is gone (`versionOfSet`). */
  readonly isSet?: true
  /** Not to be had with server-to-server credentials (outreach-api 2.3). */
  readonly oauthOnly: boolean
}

/** How records of one kind are found without webhooks, in both systems. */
export type Polling = {
  readonly kind: string
  readonly workbooks: {
    readonly type: string
    /** `crm/organisations`. */
    readonly controller: string
    readonly columns: PolledColumns
    /** An opt-out of a linked record passes conditions 2 and 3 (rulebook 11): those are polled as well. */
    readonly linkedPassFlags: boolean
  }
  /** The kind's own records first; all lists of one type have the same fingerprint. */
  readonly outreach: readonly PolledResource[]
  /** The lists of Outreach whose records the configuration lets be created in Workbooks, by their filter. */
  readonly createsFrom: readonly Readonly<Record<string, string>>[]
}

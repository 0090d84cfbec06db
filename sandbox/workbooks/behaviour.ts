/** How the simulated database answers where public text leaves a choice; every default is a guess of workbooks-api 5.6 or 15. */
export type Behaviour = {
  /** Unknown column names in a write: refused when the caller asks for strict checking, always, or never (then ignored). */
  readonly strictAttributes: 'as-asked' | 'always' | 'never'
  readonly strictSelects: boolean
  readonly unknownFilters: 'refuse' | 'ignore'
  /** Columns whose filters are passed over without a word. */
  readonly ignoredFilters: readonly string[]
  /** `failures-of-each`: a top-level `failures` also where each row has a transaction of its own. */
  readonly lockFailureShape: 'failures' | 'failures-of-each' | 'information'
  readonly validationShape: 'current' | '2009'
  readonly unseenShape: 'failures' | '404'
  readonly rowLimit: number
  readonly rowLimitStatus: number
  readonly shuffleKeys: boolean
  readonly arraysAs: 'json' | 'text'
  readonly foldAccents: boolean
  /** The answer to a delete repeats the version that was sent; whether the row's own version moves is unknown. */
  readonly deleteBumpsLockVersion: boolean
  readonly lineItemsTouchHeader: boolean
  /** How a text is stored: as it came, trimmed, cut. */
  readonly rendersText: (column: string, text: string) => string
  /** A new session cookie every so many answers. */
  readonly rotateCookieEvery: number
  /** Zone in which times without one are read. */
  readonly timeZone: string
  readonly homeCurrency: string
  readonly defaultQueue: string
}

export const defaultBehaviour: Behaviour = {
  strictAttributes: 'as-asked',
  strictSelects: false,
  unknownFilters: 'refuse',
  ignoredFilters: [],
  lockFailureShape: 'failures',
  validationShape: 'current',
  unseenShape: 'failures',
  rowLimit: 100,
  rowLimitStatus: 406,
  shuffleKeys: true,
  arraysAs: 'json',
  foldAccents: false,
  deleteBumpsLockVersion: false,
  lineItemsTouchHeader: true,
  rendersText: (_, text) => text,
  rotateCookieEvery: 5,
  timeZone: 'Europe/London',
  homeCurrency: 'GBP',
  defaultQueue: 'Unassigned',
}

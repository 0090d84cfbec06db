/** An event that a group could not handle and will not try again by itself. */
export type DeadLetter = {
  readonly group: string
  readonly reason: string
  readonly attempts: number
  readonly from: {
    readonly topic: string
    readonly partition: number
    /** Decimal digits: it may not fit a number. */
    readonly offset: string
    readonly key: string
  }
  readonly encoding: 'utf-8' | 'base64'
  /** The whole value of the entry, as `encoding` says. */
  readonly body: string
}

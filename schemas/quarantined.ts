/** Why a delivery was not understood; few values, for counting. */
export const quarantineCodes = [
  'not-utf-8',
  'not-json',
  'malformed',
  'unknown-resource',
  'too-many',
  'not-framed',
] as const

export type QuarantineCode = (typeof quarantineCodes)[number]

/** A delivery, or an element of one, that was verified but not understood: kept whole. */
export type Quarantined = {
  readonly from: 'outreach' | 'workbooks' | 'unknown'
  readonly code: QuarantineCode
  /** A sentence. */
  readonly reason: string
  readonly receivedAt: string
  readonly encoding: 'utf-8' | 'base64'
  readonly body: string
}

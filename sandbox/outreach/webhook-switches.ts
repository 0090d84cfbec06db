export type WebhookSwitches = {
  /** How long after the change a delivery sets out; the real one takes 0.1 to 5 s. */
  readonly delayMs: { readonly from: number; readonly to: number }
  /** Off: deliveries about one record may overtake each other. */
  readonly keepsOrder: boolean
  /** Share of deliveries sent twice, byte for byte, and of those never sent (0 to 1). */
  readonly duplicates: number
  readonly drops: number
  /** As many of the next deliveries are never sent. */
  readonly dropNext: number
  readonly omitNulledAttributes: boolean
  readonly omitNulledLinks: boolean
  /** What deliveries call the stage of an opportunity; no capture shows it (outreach-api 1.7). */
  readonly opportunityStageAs: 'opportunityStage' | 'stage'
  readonly emptyUpdateBeforeDestroyed: boolean
  /** How often a delivery is tried whose connection breaks: four times, a second apart (outreach-api 1.9). */
  readonly attempts: number
  readonly attemptGapMs: number
  readonly timeLimitMs: number
  /** Whether a receiver that takes too long counts as a network failure (not documented). */
  readonly retriesTimeouts: boolean
  /** On, as the real one: a receiver at a private address is disabled for an hour. */
  readonly refusesPrivateAddresses: boolean
  readonly zone: string
}

export const defaultWebhookSwitches: WebhookSwitches = {
  delayMs: { from: 20, to: 80 },
  keepsOrder: true,
  duplicates: 0,
  drops: 0,
  dropNext: 0,
  omitNulledAttributes: true,
  omitNulledLinks: true,
  opportunityStageAs: 'opportunityStage',
  emptyUpdateBeforeDestroyed: true,
  attempts: 4,
  attemptGapMs: 1000,
  timeLimitMs: 5000,
  retriesTimeouts: true,
  refusesPrivateAddresses: false,
  zone: '-08:00',
}

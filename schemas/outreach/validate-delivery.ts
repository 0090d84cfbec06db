import { makeValidate } from '../make-validate.ts'
import delivery from './delivery.json' with { type: 'json' }

type Members = Readonly<Record<string, unknown>>

/** The body of one Outreach webhook delivery: only what is needed of it, the rest is tolerated. */
export type OutreachDelivery = {
  readonly data: {
    readonly type: string
    readonly id: number | string
    readonly attributes?: Members | null
    readonly relationships?: Members | null
  }
  /** Payload version 2. */
  readonly beforeUpdate?: Members | null
  readonly meta: { readonly eventName: string; readonly deliveredAt?: unknown }
}

export const validateDelivery = makeValidate<OutreachDelivery>(delivery)

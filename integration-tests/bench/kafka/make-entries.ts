import type { Entry } from '../../../event-log/event-log.ts'
import { frameDelivery } from '../../../gateway/frame-delivery.ts'
import { makePrepare } from '../../../gateway/prepare-deliveries.ts'
import { toDeliveryBody } from '../deliveries/make-requests.ts'

const traceparent = `00-${'b'.repeat(32)}-${'e'.repeat(16)}-01`

/** The events that the gateway makes of deliveries number `first` and on: the same bytes. */
export function makeEntries(first: number, count: number): readonly Entry[] {
  const prepare = makePrepare()
  return Array.from({ length: count }, (_, index) => {
    const body = Buffer.from(toDeliveryBody(first + index))
    const receivedAt = Date.now()
    return prepare(frameDelivery({ source: 'outreach', receivedAt, traceparent, body })).entries
  }).flat()
}

import { isTraceparent } from './is-traceparent.ts'

/** Which door a delivery came through. */
export type DeliverySource = 'outreach' | 'workbooks'

/** A verified delivery on its way to the disk, where it becomes events. */
export type FramedDelivery = {
  readonly source: DeliverySource
  /** Our clock, epoch ms. */
  readonly receivedAt: number
  readonly traceparent: string
  readonly body: Uint8Array
}

/*
 * One byte for form and source, eight for the time, 55 for the traceparent (always of version 00),
 * then the body as it came. Fixed places: the body is copied once and nothing is escaped.
 */
const sourceBytes = { outreach: 1, workbooks: 2 } as const
const timeAt = 1
const traceparentAt = 9
const bodyAt = 64

/** One piece of bytes that says all that `prepare` needs to know about a delivery. */
export function frameDelivery({
  source,
  receivedAt,
  traceparent,
  body,
}: FramedDelivery): Uint8Array {
  const framed = Buffer.allocUnsafe(bodyAt + body.length)
  framed[0] = sourceBytes[source]
  framed.writeDoubleBE(receivedAt, timeAt)
  framed.write(traceparent, traceparentAt, bodyAt - traceparentAt, 'latin1')
  framed.set(body, bodyAt)
  return framed
}

/** The delivery again; undefined for bytes that `frameDelivery` did not make. */
export function readFramedDelivery(framed: Uint8Array): FramedDelivery | undefined {
  const source = framed[0] === 1 ? 'outreach' : framed[0] === 2 ? 'workbooks' : undefined
  if (source === undefined || framed.length < bodyAt) return undefined

  const bytes = Buffer.from(framed.buffer, framed.byteOffset, framed.length)
  const receivedAt = bytes.readDoubleBE(timeAt)
  const traceparent = bytes.toString('latin1', traceparentAt, bodyAt)
  if (!Number.isFinite(receivedAt) || !isTraceparent(traceparent)) return undefined
  return { source, receivedAt, traceparent, body: bytes.subarray(bodyAt) }
}

import type { GatewayEvent } from './event.ts'

/** The event in an entry of the log; undefined where the bytes are none. */
export function readEvent(value: Uint8Array): GatewayEvent | undefined {
  try {
    const event: unknown = JSON.parse(Buffer.from(value).toString('utf8'))
    // Every entry was validated against its topic's schema before it was kept.
    return isEvent(event) ? event : undefined
  } catch {
    return undefined
  }
}

function isEvent(value: unknown): value is GatewayEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'specversion' in value &&
    'type' in value &&
    'data' in value &&
    typeof value.data === 'object' &&
    value.data !== null
  )
}

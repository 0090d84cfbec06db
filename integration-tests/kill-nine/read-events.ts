import { openEmbeddedLog } from '../../event-log/embedded-log.ts'
import type { GatewayEvent } from '../../schemas/event.ts'
import { checkedTopics, type Events } from './checks.ts'

/** What an embedded log holds, once its process is gone. */
export async function readEmbeddedEvents(dir: string): Promise<Events> {
  await using log = await openEmbeddedLog({ dir, retention: { maxAgeMs: 86_400_000 } })
  const found = new Map<string, readonly GatewayEvent[]>()
  for (const topic of checkedTopics) {
    const entries = await log.read({ topic, partition: 0, from: { offset: 0n }, limit: 100_000 })
    // The log holds what the gateway and the sync validated.
    const events = entries.map(
      ({ value }) => JSON.parse(Buffer.from(value).toString()) as GatewayEvent,
    )
    found.set(topic, events)
  }
  return found
}

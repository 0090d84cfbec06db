import type { EventLog, Kept, Read } from '../event-log.ts'
import type { BrokerCalls } from './broker-calls.ts'
import type { PlacedOffset } from './place.ts'
import { toKept } from './to-kept.ts'

/** One answer of a broker; a larger entry comes all the same, alone. */
const PAGE_BYTES = 1_048_576

/** Reads without a group: Heroku's multi-tenant plans know only those that were made beforehand. */
export function makeKafkaRead(
  calls: Pick<BrokerCalls, 'fetch' | 'offsetsAt'>,
  prefix: string,
): EventLog['read'] {
  const firstOf = async (place: PlacedOffset, at: 'beginning' | 'end') =>
    (await calls.offsetsAt([place], at))[0]?.offset ?? 0

  const startOf = async ({ topic, partition, from }: Read): Promise<number | undefined> => {
    if ('offset' in from) return Number(from.offset)
    const found = await calls.offsetsAt([{ topic: prefix + topic, partition }], { time: from.time })
    return found[0]?.offset
  }

  /** Out of range: what was deleted is skipped, and behind the end there is nothing. */
  const backInRange = async (from: PlacedOffset) => {
    const first = await firstOf(from, 'beginning')
    return first > from.offset ? { ...from, offset: first } : undefined
  }

  return async (what) => {
    const start = await startOf(what)
    const kept: Kept[] = []
    let from: PlacedOffset | undefined =
      start === undefined
        ? undefined
        : { topic: prefix + what.topic, partition: what.partition, offset: start }
    while (from !== undefined && kept.length < what.limit) {
      const page = await calls.fetch(from, PAGE_BYTES)
      if (page === undefined) {
        from = await backInRange(from)
        continue
      }
      const room = what.limit - kept.length
      kept.push(...page.batch.messages.slice(0, room).map((message) => toKept(what, message)))
      const next =
        page.batch.rawMessages.length === 0 ? page.end : Number(page.batch.lastOffset()) + 1
      from = next < page.end ? { ...from, offset: Math.max(next, from.offset + 1) } : undefined
    }
    return kept
  }
}

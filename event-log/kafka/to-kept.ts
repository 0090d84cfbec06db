import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { Kept } from '../event-log.ts'

/**
 * Tolerant of whoever else writes to the topic: no key is '', no value is empty, of a header that
 * comes twice the last counts. The value is copied, for a slice would hold on to the whole fetch.
 */
export function toKept(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { key, value, headers, offset, timestamp }: Omit<KafkaMessage, 'attributes' | 'size'>,
): Kept {
  const texts = toTexts(headers)
  return {
    topic,
    key: key?.toString() ?? '',
    value: value === null ? new Uint8Array() : Buffer.from(value),
    ...(texts !== undefined && { headers: texts }),
    at: { topic, partition, offset: BigInt(offset) },
    keptAt: Number(timestamp),
  }
}

function toTexts(headers: IHeaders | undefined): Readonly<Record<string, string>> | undefined {
  const texts = Object.entries(headers ?? {}).flatMap(([name, value]) => {
    const last = Array.isArray(value) ? value.at(-1) : value
    return last === undefined ? [] : [[name, last.toString()]]
  })
  return texts.length === 0 ? undefined : (Object.fromEntries(texts) as Record<string, string>)
}

import { CompressionTypes } from 'kafkajs'
import type { Message, RecordMetadata } from 'kafkajs'
import type { Entry, Position } from '../event-log.ts'
import { partitionOfKey } from './partition-of-key.ts'

/** Below a topic's `max.message.bytes` as Kafka comes (1,048,588), which counts a whole record batch. */
const MAX_BATCH_BYTES = 900_000
/** One chunk's most over all partitions: encoding it holds up the event loop, about 20 ms for this much. */
const MAX_CHUNK_BYTES = 2 * 1024 * 1024
const MAX_CHUNK_ENTRIES = 500
/** What a record carries besides its bytes: lengths, attributes, offset and time. */
const RECORD_BYTES = 40

export type Placed = {
  /** Without prefix. */
  readonly topic: string
  readonly partition: number
  /** As it will lie in the batch, roughly and not less. */
  readonly bytes: number
  readonly message: Message
}

/** What goes out in one `sendBatch`: at most one record batch for each partition. */
export type Chunk = {
  readonly topicMessages: readonly { readonly topic: string; readonly messages: Message[] }[]
  readonly compression: CompressionTypes
  readonly topics: readonly string[]
  /** Where its entries lie once the broker's answer tells the offsets; throws where it tells too little. */
  readonly toPositions: (answer: readonly RecordMetadata[]) => readonly Position[]
}

export type OpenChunk = {
  /** Takes them all and says yes, or takes none of them. */
  readonly take: (placed: readonly Placed[]) => boolean
  readonly close: () => Chunk
}

/** The key decides, as with Kafka's own clients; the bytes of the value are not copied. */
export function placeEntry(entry: Entry, partitions: number): Placed {
  const { topic, value, headers } = entry
  const key = Buffer.from(entry.key)
  const bytes = Buffer.isBuffer(value)
    ? value
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  let size = key.length + bytes.length + RECORD_BYTES
  for (const name in headers) {
    size += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '') + 6
  }
  const partition = partitionOfKey(key, partitions)
  const message = { key, value: bytes, partition, ...(headers !== undefined && { headers }) }
  return { topic, partition, bytes: size, message }
}

export function openChunk(prefix: string): OpenChunk {
  const topics = new Map<string, Message[]>()
  const partitions = new Map<string, { count: number; bytes: number }>()
  const places: { topic: string; partition: number; batch: string; index: number }[] = []
  let chunkBytes = 0
  let isFull = false

  const mayTake = (placed: readonly Placed[]) => {
    if (places.length === 0) return true
    let bytes = 0
    for (const each of placed) bytes += each.bytes
    return (
      !isFull &&
      places.length + placed.length <= MAX_CHUNK_ENTRIES &&
      chunkBytes + bytes <= MAX_CHUNK_BYTES &&
      placed.every((each) => (partitions.get(toBatch(each))?.bytes ?? 0) + bytes <= MAX_BATCH_BYTES)
    )
  }
  return {
    take: (placed) => {
      if (!mayTake(placed)) return false
      for (const each of placed) {
        const { topic, partition, bytes, message } = each
        const batch = toBatch(each)
        const held = partitions.get(batch) ?? { count: 0, bytes: 0 }
        places.push({ topic, partition, batch, index: held.count })
        partitions.set(batch, { count: held.count + 1, bytes: held.bytes + bytes })
        const messages = topics.get(topic)
        if (messages === undefined) topics.set(topic, [message])
        else messages.push(message)
        chunkBytes += bytes
        // Alone and compressed: a topic that others created may still take it then.
        if (bytes > MAX_BATCH_BYTES) isFull = true
      }
      return true
    },
    close: () => ({
      topicMessages: [...topics].map(([topic, messages]) => ({ topic: prefix + topic, messages })),
      compression: isFull ? CompressionTypes.GZIP : CompressionTypes.None,
      topics: [...topics.keys()],
      toPositions: (answer) => {
        const bases = new Map(
          answer.map(({ topicName, partition, baseOffset }) => {
            if (baseOffset === undefined) throw new Error('Kafka told no offset')
            const topic = topicName.slice(prefix.length)
            return [toBatch({ topic, partition }), BigInt(baseOffset)]
          }),
        )
        return places.map(({ topic, partition, batch, index }) => {
          const base = bases.get(batch)
          // kafkajs leaves out, without a word, partitions that its metadata does not know (any more).
          if (base === undefined) throw new Error(`Kafka did not answer for ${topic}/${partition}`)
          return { topic, partition, offset: base + BigInt(index) }
        })
      },
    }),
  }
}

/** Whether they need chunks of their own, one after another. */
export function isTooMuchForOne(placed: readonly Placed[]): boolean {
  let bytes = 0
  for (const each of placed) bytes += each.bytes
  return bytes > MAX_BATCH_BYTES || placed.length > MAX_CHUNK_ENTRIES
}

/** In their order, each into as few chunks as may be. */
export function toChunks(placed: readonly Placed[], prefix: string): readonly Chunk[] {
  const chunks: Chunk[] = []
  let open = openChunk(prefix)
  for (const each of placed) {
    if (open.take([each])) continue
    chunks.push(open.close())
    open = openChunk(prefix)
    open.take([each])
  }
  return [...chunks, open.close()]
}

function toBatch({ topic, partition }: { readonly topic: string; readonly partition: number }) {
  return `${topic}/${partition}`
}

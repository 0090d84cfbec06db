import { Partitioners } from 'kafkajs'
import type { RecordMetadata } from 'kafkajs'
import type { Chunk } from './make-chunk.ts'
import type { ClientSignals, KafkaConnection } from './make-kafka.ts'
import { openLine } from './open-line.ts'

/** The broker waits so long for its in-sync replicas, then says that it could not; less than we wait. */
const ACKS_WITHIN_MS = 6_000
const ALL_IN_SYNC = -1

export type ProducerLine = {
  /** Once: resolves when all in-sync replicas have it, rejects where that is not known. */
  readonly send: (chunk: Chunk) => Promise<readonly RecordMetadata[]>
  readonly cut: (why: string) => void
}

/**
 * Plain, not idempotent: after a send that was given up, kafkajs' idempotent producer is acknowledged
 * what the broker takes for a double and drops (infrastructure 3.5).
 */
export function openProducer(connection: KafkaConnection, signals: ClientSignals): ProducerLine {
  const line = openLine(connection, signals)
  const producer = line.kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    // Every message names its partition; the default one honours that.
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  let connected: Promise<void> | undefined
  return {
    send: async ({ topicMessages, compression }) => {
      connected ??= producer.connect()
      await connected.catch((error: unknown) => {
        connected = undefined
        throw error
      })
      return producer.sendBatch({
        acks: ALL_IN_SYNC,
        timeout: ACKS_WITHIN_MS,
        compression,
        topicMessages: topicMessages.map(({ topic, messages }) => ({ topic, messages })),
      })
    },
    cut: line.cut,
  }
}

import type { ITopicConfig } from 'kafkajs'

export type WantedTopics = {
  /** As the cluster knows them, with prefix. */
  readonly names: readonly string[]
  readonly partitions: number
  /** Undefined: 3, or 1 on a cluster of one broker; never more than there are brokers. */
  readonly replication?: number | undefined
  readonly retentionMs: number
  /** Of these nothing is ever deleted; with prefix. */
  readonly keepForever: readonly string[]
}

export type FoundTopics = {
  readonly brokers: number
  readonly topics: ReadonlyMap<string, { readonly partitions: number; readonly replicas: number }>
}

/** An existing topic has less than was asked for; it is used as it is. */
export type TopicDiffers = {
  readonly topic: string
  readonly what: 'partitions' | 'replicas'
  readonly has: number
  readonly asked: number
}

/**
 * What the largest event needs that a delivery of 1 MiB can become: quarantined, its bytes are quoted
 * in JSON, six for one at worst.
 */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

/** What to create, and what exists with less than was asked for. */
export function decideTopics(wanted: WantedTopics, { brokers, topics }: FoundTopics) {
  const asked = wanted.replication ?? (brokers === 1 ? 1 : 3)
  const replicas = Math.max(1, Math.min(asked, brokers))
  const missing = wanted.names.filter((name) => !topics.has(name))
  const differs = wanted.names.flatMap((topic): readonly TopicDiffers[] => {
    const has = topics.get(topic)
    if (has === undefined) return []
    const all: readonly TopicDiffers[] = [
      { topic, what: 'partitions', has: has.partitions, asked: wanted.partitions },
      { topic, what: 'replicas', has: has.replicas, asked: replicas },
    ]
    return all.filter((one) => one.has < one.asked)
  })
  return { create: missing.map((topic) => toTopicConfig(topic, wanted, replicas)), differs }
}

function toTopicConfig(topic: string, wanted: WantedTopics, replicas: number): ITopicConfig {
  const retentionMs = wanted.keepForever.includes(topic) ? -1 : wanted.retentionMs
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs),
    // For ever is for ever, also where the cluster limits the bytes of a topic.
    ...(retentionMs === -1 && { 'retention.bytes': '-1' }),
    // One may be away, and what is acknowledged lies on two. With two replicas one alone must do.
    'min.insync.replicas': replicas >= 3 ? '2' : '1',
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    // "When the log took it", by one clock for a partition, in order: it is read by time.
    'message.timestamp.type': 'LogAppendTime',
  }
  return {
    topic,
    numPartitions: wanted.partitions,
    replicationFactor: replicas,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  }
}

import { createRequire } from 'node:module'
import type { Kafka, KafkaMessage } from 'kafkajs'

/**
 * kafkajs' inner classes, with types of our own. Its public clients cannot read a partition without
 * joining a group (Heroku's multi-tenant plans know only groups made beforehand), nor commit for a
 * group that has no members, nor ask for many topics' offsets at once; these classes can. The version
 * is pinned and no longer maintained, so they do not move; `read.io.test.ts` runs them all.
 */
export type InnerCluster = {
  readonly isConnected: () => boolean
  readonly connect: () => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly addMultipleTargetTopics: (topics: readonly string[]) => Promise<void>
  readonly refreshMetadata: () => Promise<void>
  readonly refreshMetadataIfNecessary: () => Promise<void>
  readonly getNodeIds: () => readonly string[]
  readonly findBroker: (node: { readonly nodeId: string }) => Promise<InnerBroker>
  readonly findGroupCoordinator: (group: { readonly groupId: string }) => Promise<InnerBroker>
  readonly findTopicPartitionMetadata: (
    topic: string,
  ) => readonly { readonly partitionId: number }[]
  /** Broker id to the partitions that it leads. */
  readonly findLeaderForPartitions: (
    topic: string,
    partitions: readonly number[],
  ) => Readonly<Record<string, readonly number[]>>
  /** One call per broker, for all topics; offset `-1` where nothing is that late. */
  readonly fetchTopicsOffset: (
    topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number }[]
      readonly fromBeginning?: boolean
      readonly fromTimestamp?: number
    }[],
  ) => Promise<readonly TopicOffsets[]>
}

export type TopicOffsets = {
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

type TopicPartitions<Extra> = {
  readonly topic: string
  readonly partitions: readonly ({ readonly partition: number } & Extra)[]
}

export type InnerBroker = {
  readonly fetch: (request: {
    readonly isolationLevel: number
    readonly maxWaitTime: number
    readonly minBytes: number
    readonly maxBytes: number
    readonly topics: readonly TopicPartitions<{
      readonly fetchOffset: string
      readonly maxBytes: number
    }>[]
  }) => Promise<{
    readonly responses: readonly {
      readonly topicName: string
      readonly partitions: readonly FetchedPartition[]
    }[]
  }>
  /** No topics: all of the group's. Offset `-1`: never committed. */
  readonly offsetFetch: (request: {
    readonly groupId: string
    readonly topics: readonly TopicPartitions<object>[]
  }) => Promise<{ readonly responses: readonly TopicOffsets[] }>
  readonly offsetCommit: (request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly TopicPartitions<{ readonly offset: string }>[]
  }) => Promise<unknown>
  readonly listGroups: () => Promise<{ readonly groups: readonly { readonly groupId: string }[] }>
}

export type FetchedPartition = { readonly partition: number; readonly highWatermark: string }

/** What one fetch brought of one partition, without control records and what was rolled back. */
export type InnerBatch = {
  readonly messages: readonly KafkaMessage[]
  readonly rawMessages: readonly KafkaMessage[]
  readonly lastOffset: () => string
}

type InnerBatchClass = new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => InnerBatch

type MakeCluster = (options: {
  readonly metadataMaxAge: number
  readonly allowAutoTopicCreation: boolean
  readonly isolationLevel: number
}) => InnerCluster

/** Reads nothing of transactions that were rolled back or are not finished. */
export const READ_COMMITTED = 1
/** A new leader that no error told us of is found within this time. */
export const METADATA_MAX_AGE_MS = 30_000

export const InnerBatch = createRequire(import.meta.url)(
  'kafkajs/src/consumer/batch.js',
) as InnerBatchClass

/** A cluster of its own, with its own connections, from the same settings as the client's others. */
export function makeInnerCluster(kafka: Kafka): InnerCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  const makeCluster = symbol && (kafka as unknown as Record<symbol, MakeCluster>)[symbol]
  if (makeCluster === undefined)
    throw new Error('This version of kafkajs is not the one that inner-cluster.ts was written for.')
  return makeCluster({
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  })
}

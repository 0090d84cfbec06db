import { sentenceOf } from '../../runtime/errors.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { byTopic } from './by-topic.ts'
import { InnerBatch, READ_COMMITTED, makeInnerCluster } from './inner-cluster.ts'
import type { InnerBroker, InnerCluster, TopicOffsets } from './inner-cluster.ts'
import { refusalOf, typeOf } from './kafka-errors.ts'
import type { Line } from './open-line.ts'
import type { Place, PlacedOffset } from './place.ts'

export type Page = {
  readonly batch: InnerBatch
  /** The offset that the next entry will have. */
  readonly end: number
}

/**
 * What we ask a cluster for, by the names that it knows, besides sending and consuming, without joining a group. Reconnects and
 * finds new leaders by itself; closes its connections when nobody asked for a while. Every call
 * rejects with LogRefused where trying again will not help, else with LogUnavailable.
 */
export type BrokerCalls = {
  readonly partitionsOf: (topics: readonly string[]) => Promise<readonly Place[]>
  /** Of places without a commit nothing; no places: all that the group ever committed. */
  readonly committed: (group: string, places?: readonly Place[]) => Promise<readonly PlacedOffset[]>
  /** As nobody's member; the broker refuses it (false) while the group has members. */
  readonly commitFromOutside: (group: string, offsets: readonly PlacedOffset[]) => Promise<boolean>
  /** Where the places begin, end, or were at a time (epoch ms; nothing of those that end before it). */
  readonly offsetsAt: (
    places: readonly Place[],
    at: 'beginning' | 'end' | { readonly time: number },
  ) => Promise<readonly PlacedOffset[]>
  /** Empty at the end; undefined where the offset was deleted or is beyond the end. */
  readonly fetch: (from: PlacedOffset, maxBytes: number) => Promise<Page | undefined>
  readonly groups: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

const IDLE_MS = 30_000
/** Of one try, and of a call with all its tries: a broker that froze still lets people have an answer. */
export type CallTimes = { readonly tryMs: number; readonly allMs: number }
const TIMES: CallTimes = { tryMs: 4_000, allMs: 9_000 }
/** Waits: 0.1 s, 0.2, 0.4, 0.8; kafkajs tries each connection a few times by itself. */
const FIRST_WAIT_MS = 100
const TRIES = 5

/** A line on which a try took too long is cut and replaced: one that went silent stays so. */
export function makeBrokerCalls(openLine: () => Line, times: CallTimes = TIMES): BrokerCalls {
  const newLink = () => {
    const line = openLine()
    return { cluster: makeInnerCluster(line.kafka), cut: line.cut }
  }
  let link = newLink()
  let isClosed = false
  let running = 0
  let idleTimer: NodeJS.Timeout | undefined

  const rest = () => {
    clearTimeout(idleTimer)
    if (running > 0 || isClosed) return
    idleTimer = setTimeout(
      () => void link.cluster.disconnect().catch(() => undefined),
      IDLE_MS,
    ).unref()
  }

  const attemptOnce = async <Answer>(ask: Ask<Answer>, tried: number, leftMs: number) => {
    const limitMs = Math.max(0, Math.min(times.tryMs, leftMs))
    const used = link
    const onLink = async () => {
      await used.cluster.connect()
      if (tried > 1) await used.cluster.refreshMetadata().catch(() => undefined)
      return ask(used.cluster)
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const why = `Kafka has not answered for ${limitMs} ms.`
        // Others may have replaced it already.
        if (used === link && !isClosed) link = newLink()
        used.cut(why)
        reject(new LogUnavailable(why))
      }, limitMs)
    })
    return Promise.race([onLink(), late]).finally(() => clearTimeout(timer))
  }

  const attempt = async <Answer>(what: string, ask: Ask<Answer>): Promise<Answer> => {
    const until = performance.now() + times.allMs
    for (let tried = 1; ; tried++) {
      if (isClosed) throw new LogUnavailable('The connection to Kafka is closed.')
      try {
        return await attemptOnce(ask, tried, until - performance.now())
      } catch (error) {
        if (error instanceof LogRefused) throw error
        const refusal = refusalOf(error)
        if (refusal !== undefined) throw new LogRefused(`${what}: ${refusal}`)
        const waitMs = FIRST_WAIT_MS * 2 ** (tried - 1)
        const isOver = tried >= TRIES || performance.now() + waitMs >= until
        if (isOver) throw new LogUnavailable(`${what}: ${sentenceOf(error)}`)
        await new Promise((resolve) => setTimeout(resolve, waitMs))
      }
    }
  }

  const call = async <Answer>(what: string, ask: Ask<Answer>): Promise<Answer> => {
    running++
    try {
      return await attempt(what, ask)
    } finally {
      running--
      rest()
    }
  }

  const commitAt = async (
    coordinator: InnerBroker,
    group: string,
    offsets: readonly PlacedOffset[],
  ) => {
    try {
      await coordinator.offsetCommit({
        groupId: group,
        groupGenerationId: -1,
        memberId: '',
        topics: byTopic(offsets, ({ offset }) => ({ offset: String(offset) })),
      })
      return true
    } catch (error) {
      if (HAS_MEMBERS.has(typeOf(error) ?? '')) return false
      throw error
    }
  }

  return {
    partitionsOf: (topics) =>
      call('The partitions could not be listed', async (cluster) => {
        await know(cluster, topics)
        return topics.flatMap((topic) => placesOf(cluster, topic))
      }),
    committed: (group, places = []) =>
      call(`The commits of ${group} could not be read`, async (cluster) => {
        const coordinator = await cluster.findGroupCoordinator({ groupId: group })
        const topics = byTopic(places, () => ({}))
        const { responses } = await coordinator.offsetFetch({ groupId: group, topics })
        return flat(responses)
      }),
    commitFromOutside: (group, offsets) =>
      call(`The beginning of ${group} could not be kept`, async (cluster) =>
        commitAt(await cluster.findGroupCoordinator({ groupId: group }), group, offsets),
      ),
    offsetsAt: (places, at) =>
      call('The offsets could not be looked up', async (cluster) => {
        await know(
          cluster,
          places.map(({ topic }) => topic),
        )
        const from =
          typeof at === 'object'
            ? { fromTimestamp: at.time }
            : { fromBeginning: at === 'beginning' }
        const topics = byTopic(places, () => ({})).map((topic) => ({ ...topic, ...from }))
        return flat(await cluster.fetchTopicsOffset(topics))
      }),
    fetch: (from, maxBytes) =>
      call(`Partition ${from.partition} of ${from.topic} could not be read`, async (cluster) => {
        await know(cluster, [from.topic])
        return fetchPage(cluster, from, maxBytes)
      }),
    groups: () =>
      call('The groups could not be listed', async (cluster) => {
        await cluster.refreshMetadataIfNecessary()
        const answers = await Promise.all(
          cluster
            .getNodeIds()
            .map(async (nodeId) => (await cluster.findBroker({ nodeId })).listGroups()),
        )
        return answers.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))
      }),
    close: async () => {
      isClosed = true
      clearTimeout(idleTimer)
      await link.cluster.disconnect().catch(() => undefined)
      link.cut('The connection to Kafka was closed.')
    },
  }
}

type Ask<Answer> = (cluster: InnerCluster) => Promise<Answer>

/** Makes sure that the leaders of these topics are known. */
async function know(cluster: InnerCluster, topics: Iterable<string>): Promise<void> {
  await cluster.addMultipleTargetTopics([...new Set(topics)])
  await cluster.refreshMetadataIfNecessary()
}

const HAS_MEMBERS = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
])

function placesOf(cluster: InnerCluster, topic: string): readonly Place[] {
  return cluster
    .findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => ({ topic, partition: partitionId }))
    .sort((a, b) => a.partition - b.partition)
}

async function fetchPage(
  cluster: InnerCluster,
  { topic, partition, offset }: PlacedOffset,
  maxBytes: number,
): Promise<Page | undefined> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  if (nodeId === undefined) {
    throw new LogRefused(`Topic ${topic} has no partition ${partition}.`)
  }
  const broker = await cluster.findBroker({ nodeId })
  const fetchOffset = String(offset)
  try {
    const { responses } = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: 0,
      minBytes: 0,
      maxBytes,
      topics: [{ topic, partitions: [{ partition, fetchOffset, maxBytes }] }],
    })
    const fetched = responses[0]?.partitions[0]
    if (fetched === undefined) throw new Error('the broker answered without the partition')
    const batch = new InnerBatch(topic, fetchOffset, fetched)
    return { batch, end: Number(fetched.highWatermark) }
  } catch (error) {
    if (typeOf(error) === 'OFFSET_OUT_OF_RANGE') return undefined
    throw error
  }
}

/** Negative offsets are Kafka's word for none. */
function flat(topics: readonly TopicOffsets[]): readonly PlacedOffset[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions
      .map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }))
      .filter(({ offset }) => offset >= 0),
  )
}

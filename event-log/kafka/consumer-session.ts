import type { EachBatchPayload, OffsetsByTopicPartition as Offsets } from 'kafkajs'
import { sentenceOf } from '../../runtime/errors.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import type { Place, PlacedOffset } from './place.ts'
import { byTopic } from './by-topic.ts'
import * as settings from './consumer-settings.ts'
import type { Generation } from './generation.ts'
import { METADATA_MAX_AGE_MS } from './inner-cluster.ts'
import type { BrokerSaid } from './make-kafka.ts'
import type { Line } from './open-line.ts'
import { toKept } from './to-kept.ts'
import { within } from '../../runtime/within.ts'

export type Flow = {
  readonly hold: (place: Place) => void
  readonly release: (place: Place) => void
  readonly broke: (error: unknown) => void
}

type Deps = {
  readonly line: Line
  readonly groupId: string
  /** The broker's names. */
  readonly topics: readonly string[]
  readonly maxBytesPerPartition: number
  readonly toTopic: (brokersName: string) => string
  readonly makeGeneration: (places: readonly Place[], flow: Flow) => Generation
  /** Where partitions of ours begin: all of them, whether the group committed there or not. */
  readonly startsOf: (places: readonly Place[]) => Promise<readonly PlacedOffset[]>
  /** Partitions are ours and their positions are known; again after each rebalance. */
  readonly placed: () => void
  /** It will not go on; called once, and not after `stop`. */
  readonly over: (why: unknown) => void
  readonly said: (facts: BrokerSaid) => void
}

export type ConsumerSession = {
  readonly pump: () => void
  /** Commits what is done and leaves the group; never rejects and never takes long. */
  readonly stop: () => Promise<void>
}

/**
 * One kafkajs consumer, from its start to its first crash: it is never used again after one, for then
 * it forgets what it had paused and what it was told to commit. What its source says of the events:
 * REBALANCING comes before joining again, but not always; GROUP_JOIN after, always; a listener that
 * throws breaks joining and stopping; `commitOffsets` tries again and may then commit with the next
 * generation, `commitOffsetsIfNecessary(offsets)` sends once, with that of the moment it is called.
 */
export function startConsumerSession(deps: Deps): ConsumerSession {
  const { line, groupId, topics } = deps
  const consumer = line.kafka.consumer({
    groupId,
    sessionTimeout: settings.SESSION_TIMEOUT_MS,
    rebalanceTimeout: settings.REBALANCE_TIMEOUT_MS,
    heartbeatInterval: settings.HEARTBEAT_MS,
    maxWaitTimeInMs: settings.MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: settings.FETCH_MAX_BYTES,
    maxBytesPerPartition: deps.maxBytesPerPartition,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  })
  let current: Generation | undefined
  let isOver = false
  let commitOnce: ((offsets: Offsets) => Promise<void>) | undefined
  let committing: Promise<void> | undefined
  let aliveAt = performance.now()
  let isJoined = false

  const abandon = () => {
    current?.end()
    current = undefined
    if (isJoined) aliveAt = performance.now()
    isJoined = false
  }
  const endWith = (why: unknown) => {
    if (isOver) return
    isOver = true
    clearInterval(ticking)
    abandon()
    void leave()
    deps.over(why)
  }

  /** In good order where the broker answers; either way it is gone then, also where it still joined. */
  const leave = () =>
    within(settings.STOP_WITHIN_MS, consumer.disconnect())
      .catch(() => undefined)
      .finally(() => line.cut('The consumer was ended.'))

  /** Sends before it first waits, so it bears the generation that is current when it is called. */
  const commit = async (generation: Generation) => {
    const moved = generation.moved()
    if (moved.length === 0 || commitOnce === undefined) return
    try {
      await commitOnce({ topics: byTopic(moved, ({ offset }) => ({ offset: String(offset) })) })
      generation.committed(moved)
      aliveAt = performance.now()
    } catch (error) {
      // What is not committed is handed out again, here or elsewhere; the next tick tries again.
      deps.said({ level: 'info', message: `A commit of ${groupId} failed: ${sentenceOf(error)}` })
    }
  }

  const tick = () => {
    const silentMs = performance.now() - aliveAt
    if (silentMs > (isJoined ? settings.LEASE_MS : settings.JOIN_WITHIN_MS)) {
      const what = isJoined ? 'has not answered a heartbeat' : 'has not let us join'
      endWith(new LogUnavailable(`Kafka ${what} for ${Math.round(silentMs / 1_000)} s`))
    } else if (current !== undefined && committing === undefined) {
      committing = commit(current).finally(() => (committing = undefined))
    }
  }
  const ticking = setInterval(tick, settings.TICK_MS)

  const placeAll = async (generation: Generation, places: readonly Place[]) => {
    try {
      const starts = await deps.startsOf(places)
      if (generation !== current) return
      generation.place(starts)
      // A seek also makes kafkajs drop what a fetch of the generation before may still bring.
      for (const { offset, ...place } of starts) consumer.seek({ ...place, offset: String(offset) })
      consumer.resume(pausable(places))
      deps.placed()
    } catch (error) {
      if (generation === current) endWith(error)
    }
  }

  const joined = (assignment: Readonly<Record<string, readonly number[]>>) => {
    abandon()
    if (isOver) return
    const places = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    const generation = deps.makeGeneration(places, {
      hold: (place) => {
        if (generation === current) consumer.pause(pausable([place]))
      },
      release: (place) => {
        if (generation === current) consumer.resume(pausable([place]))
      },
      broke: endWith,
    })
    current = generation
    isJoined = true
    aliveAt = performance.now()
    consumer.pause(pausable(places))
    void placeAll(generation, places)
  }

  const listen = () => {
    const { events } = consumer
    const guarded = (act: () => void) => () => {
      try {
        act()
      } catch (error) {
        endWith(error)
      }
    }
    consumer.on(events.GROUP_JOIN, ({ payload }) =>
      guarded(() => joined(payload.memberAssignment))(),
    )
    consumer.on(
      events.REBALANCING,
      guarded(() => {
        const last = current
        abandon()
        // Still ours until we join again, and sent before that: it spares others the work.
        if (last !== undefined) void commit(last)
      }),
    )
    consumer.on(events.HEARTBEAT, () => {
      aliveAt = performance.now()
    })
    consumer.on(events.STOP, guarded(abandon))
    consumer.on(events.CRASH, ({ payload }) => guarded(() => endWith(payload.error))())
  }

  const eachBatch = (payload: EachBatchPayload) => {
    const { batch } = payload
    commitOnce = (offsets) => payload.commitOffsetsIfNecessary(offsets)
    if (isOver) payload.pause()
    if (current === undefined || payload.isStale()) return
    const { topic: brokersName, partition } = batch
    const place = { topic: deps.toTopic(brokersName), partition }
    const answer = current.fetched({
      topic: brokersName,
      partition,
      entries: batch.messages.map((message) => toKept(place, message)),
      last: Number(batch.lastOffset()),
    })
    if (answer === 'backwards')
      endWith(new LogUnavailable(`Partition ${partition} of ${brokersName} began again`))
    if (answer === 'taken') payload.resolveOffset(batch.lastOffset())
  }

  const run = async () => {
    try {
      listen()
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => {
          eachBatch(payload)
          return Promise.resolve()
        },
      })
    } catch (error) {
      endWith(error)
    }
  }
  void run()

  return {
    pump: () => current?.pump(),
    stop: async () => {
      if (isOver) return
      isOver = true
      clearInterval(ticking)
      const last = current
      last?.end()
      const keep = async () => {
        await committing
        // Between two turns of the loop kafkajs never holds a generation that it did not tell us of.
        await new Promise((resolve) => setImmediate(resolve))
        if (last !== undefined && last === current) await commit(last)
      }
      await within(settings.STOP_WITHIN_MS, keep()).catch(() => undefined)
      current = undefined
      await leave()
    },
  }
}

/** Waits: 0.1 s, 0.2, 0.4, 0.8, 1; what lasts longer ends this consumer, and another is made. */
const RETRY = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 1_000, factor: 0.2, retries: 5 }

function pausable(places: readonly Place[]) {
  return byTopic(places, () => ({})).map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => partition),
  }))
}

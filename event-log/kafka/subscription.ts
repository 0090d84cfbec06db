import { sentenceOf } from '../../runtime/errors.ts'
import type { Subscribe, Subscription, Take } from '../event-log.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import type { BrokerCalls } from './broker-calls.ts'
import { startConsumerSession } from './consumer-session.ts'
import type { ConsumerSession } from './consumer-session.ts'
import { aheadBytesOf } from './consumer-settings.ts'
import { makeGeneration } from './generation.ts'
import { findStarts, fixGroupStart } from './group-start.ts'
import type { GroupStart } from './group-start.ts'
import { isForeseen, refusalOf } from './kafka-errors.ts'
import type { BrokerSaid } from './make-kafka.ts'
import type { Line } from './open-line.ts'

export type SubscriptionDeps = {
  /** Each consumer has its own, which is cut when it is over: nothing of it may join again. */
  readonly openLine: () => Line
  readonly calls: BrokerCalls
  readonly prefix: string
  readonly signals: { readonly brokerSaid: (facts: BrokerSaid) => void }
  readonly died: (error: unknown) => void
}

export type KafkaSubscription = Subscription & {
  /** Settles when partitions are ours and nothing that is appended from then on is missed. */
  readonly begun: Promise<void>
}

/** Waits between consumers: 0.25 s, 0.5, 1, 2, then 3 s each. */
const [FIRST_WAIT_MS, MAX_WAIT_MS] = [250, 3_000]
/** One that held out this long is not counted among failures in a row. */
const HEALTHY_MS = 30_000
/** A broker that is away is waited for; a fault that nobody foresaw is tried so often in a row. */
const MAX_UNFORESEEN = 5

/** Makes one consumer after the other, until it is stopped or no consumer can go on. */
export function startSubscription(
  deps: SubscriptionDeps,
  what: Subscribe,
  take: Take,
): KafkaSubscription {
  const { calls, prefix } = deps
  const groupId = prefix + what.group
  const topics = what.topics.map((topic) => prefix + topic)
  const begun = makeOutcome()
  let start: GroupStart | undefined
  let session: ConsumerSession | undefined
  let isPaused = false
  let isEnded = false
  let hasBegun = false
  let failures = 0
  let unforeseen = 0
  let placedAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined

  const giveUp = (error: LogRefused) => {
    isEnded = true
    if (hasBegun) deps.died(error)
    else begun.reject(error)
  }

  const failed = (error: unknown) => {
    if (isEnded) return
    session = undefined
    if (placedAt !== undefined && performance.now() - placedAt > HEALTHY_MS)
      failures = unforeseen = 0
    placedAt = undefined
    failures++
    if (!isForeseen(error)) unforeseen++
    const refusal = error instanceof LogRefused ? error.message : refusalOf(error)
    if (refusal !== undefined) giveUp(new LogRefused(`Group ${groupId} cannot go on. ${refusal}`))
    else if (unforeseen >= MAX_UNFORESEEN) {
      const why = `${unforeseen} times in a row: ${sentenceOf(error)}`
      giveUp(new LogRefused(`Group ${groupId} cannot go on. Its consumer failed ${why}`))
    } else {
      const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
      const message = `The consumer of ${groupId} starts again in ${waitMs} ms: ${sentenceOf(error)}`
      deps.signals.brokerSaid({ level: 'warn', message })
      timer = setTimeout(() => void open(), waitMs)
    }
  }

  const placed = () => {
    placedAt ??= performance.now()
    hasBegun = true
    begun.resolve()
  }

  const open = async () => {
    try {
      start ??= await fixGroupStart(calls, groupId, { ...what, topics })
      if (isEnded) return
      session = openSession(start)
    } catch (error) {
      failed(error)
    }
  }

  const openSession = ({ places: all, starts }: GroupStart) => {
    const maxBytesPerPartition = aheadBytesOf(all.length)
    return startConsumerSession({
      line: deps.openLine(),
      groupId,
      topics,
      maxBytesPerPartition,
      toTopic: (brokersName) => brokersName.slice(prefix.length),
      startsOf: (places) => findStarts(calls, groupId, { places, starts }),
      makeGeneration: (places, flow) =>
        makeGeneration({
          ...flow,
          places,
          maxInHand: what.maxInHand,
          maxAheadBytes: maxBytesPerPartition,
          take,
          mayHand: () => !isPaused && !isEnded,
        }),
      placed,
      over: failed,
      said: deps.signals.brokerSaid,
    })
  }
  void open()

  const stop = async () => {
    isEnded = true
    clearTimeout(timer)
    begun.reject(new LogUnavailable(`The subscription of ${groupId} was stopped.`))
    await session?.stop()
  }

  return {
    begun: begun.promise,
    pause: () => {
      isPaused = true
    },
    resume: () => {
      isPaused = false
      session?.pump()
    },
    stop: () => (stopping ??= stop()),
  }
}

function makeOutcome() {
  let resolve = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve: () => resolve(), reject: (error: Error) => reject(error) }
}

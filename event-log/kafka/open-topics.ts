import { setTimeout as wait } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'
import { sentenceOf } from '../../runtime/errors.ts'
import type { AppError } from '../../runtime/errors.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { decideTopics } from './decide-topics.ts'
import type { FoundTopics, TopicDiffers, WantedTopics } from './decide-topics.ts'
import type { Line } from './open-line.ts'

/** As long as kafkajs keeps metadata: partitions that an operator adds are used after that at latest. */
const LOOK_EVERY_MS = 300_000
const LOOK_FOR_MISSING_EVERY_MS = 15_000
/** Waits while Kafka is away: 0.25 s, 0.5, 1, 2, 4, then 5 s each. */
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5_000
/** However often somebody asks to look again. */
const SOONEST_MS = 250
/** Until what was created is there: 5 s. */
const [MAX_LOOKS, BETWEEN_LOOKS_MS] = [50, 100]

const CLOSED = 'The event log on Kafka is closed.'

export type TopicSignals = {
  readonly topicsCreated: (facts: { readonly topics: readonly string[] }) => void
  /** Once for each topic and what of it. */
  readonly topicDiffers: (facts: TopicDiffers) => void
  /** Kafka cannot be reached, or lacks topics that we may not create; once until it is over. */
  readonly topicsAway: (facts: { readonly why: string }) => void
}

export type Topics = {
  /** The first look at the cluster succeeded; it stays so. */
  readonly isKnown: () => boolean
  readonly known: () => Promise<void>
  /** Partitions of a topic (without prefix), or the error that whoever asks should get. */
  readonly countOf: (topic: string) => number | AppError
  /** What is wrong, in a sentence. */
  readonly why: () => string | undefined
  /** Soon, beside what is under way: something may have changed. */
  readonly lookAgain: () => void
  /** Rejects where no broker answers. */
  readonly ping: () => Promise<void>
  readonly close: () => Promise<void>
}

type Deps = {
  readonly openLine: () => Line
  readonly wanted: WantedTopics
  readonly prefix: string
  readonly signals: TopicSignals
}

/** Looks for the topics, creates those that are missing, and goes on looking, never waited for. */
export function openTopics({ openLine, wanted, prefix, signals }: Deps): Topics {
  const closing = new AbortController()
  let tellKnown = () => {}
  const known = new Promise<void>((resolve) => (tellKnown = resolve))
  const told = new Set<string>()
  let counts: ReadonlyMap<string, number> | undefined
  let trouble: string | undefined
  let admin: { readonly line: Line; readonly client: Promise<Admin> } | undefined
  let wake = new AbortController()

  const once = (key: string, tell: () => void) => {
    if (told.has(key)) return
    told.add(key)
    tell()
  }
  const connected = async (): Promise<Admin> => {
    if (closing.signal.aborted) throw new LogUnavailable(CLOSED)
    if (admin === undefined) {
      const line = openLine()
      const client = line.kafka.admin()
      admin = { line, client: client.connect().then(() => client) }
    }
    return admin.client
  }
  const leave = (why: string) => {
    admin?.line.cut(why)
    admin?.client.catch(() => undefined)
    admin = undefined
  }

  const setTrouble = (why: string | undefined) => {
    trouble = why
    if (why === undefined) told.delete('away')
    else if (!closing.signal.aborted) {
      once('away', () => {
        signals.topicsAway({ why })
      })
    }
  }

  const look = async () => {
    const client = await connected()
    const before = await find(client)
    const { create } = decideTopics(wanted, before)
    const failures = create.length === 0 ? new Map<string, never>() : await make(client, create)
    const created = create.map(({ topic }) => topic).filter((name) => !failures.has(name))
    const now = create.length === 0 ? before : await findThese(client, wanted.names, failures)
    if (created.length > 0) signals.topicsCreated({ topics: created })
    for (const facts of decideTopics(wanted, now).differs) {
      once(`${facts.topic} ${facts.what}`, () => {
        signals.topicDiffers(facts)
      })
    }
    counts = new Map([...now.topics].map(([name, { partitions }]) => [name, partitions]))
    const missing = wanted.names.filter((name) => !now.topics.has(name))
    setTrouble(missing.length === 0 ? undefined : toMissing(missing, wanted, failures))
    tellKnown()
    return missing.length === 0 ? LOOK_EVERY_MS : LOOK_FOR_MISSING_EVERY_MS
  }

  const run = async () => {
    for (let failures = 0; !closing.signal.aborted;) {
      let waitMs: number
      try {
        waitMs = await look()
        failures = 0
      } catch (error) {
        leave('Kafka has not answered')
        setTrouble(`Kafka cannot be reached at present: ${toReason(error)}`)
        waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures++, LONGEST_WAIT_MS)
      }
      await rest(SOONEST_MS, closing.signal)
      await rest(waitMs - SOONEST_MS, AbortSignal.any([wake.signal, closing.signal]))
      wake = new AbortController()
    }
  }
  const running = run()

  return {
    isKnown: () => counts !== undefined,
    known: () => known,
    countOf: (topic) => {
      const count = counts?.get(prefix + topic)
      if (count !== undefined) return count
      if (counts !== undefined && !wanted.names.includes(prefix + topic)) {
        return new LogRefused(`${topic} is not one of the topics that this log was opened with.`)
      }
      return new LogUnavailable(trouble ?? 'Kafka has not answered yet.')
    },
    why: () => trouble,
    lookAgain: () => {
      wake.abort()
    },
    ping: async () => {
      try {
        const client = await connected()
        // Of one topic: the rest of the cluster may be large, and is none of our business.
        await client.fetchTopicMetadata({ topics: wanted.names.slice(0, 1) })
      } catch (error) {
        throw new LogUnavailable(toReason(error), { cause: error })
      }
    },
    close: async () => {
      closing.abort()
      leave(CLOSED)
      await running
      trouble = CLOSED
    },
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await wait(Math.max(0, ms), undefined, { signal, ref: false }).catch(() => undefined)
}

/** What kafkajs throws where every broker failed is a slip of its own: it reads from a null. */
function toReason(error: unknown): string {
  return error instanceof TypeError ? 'no broker answers' : sentenceOf(error)
}

async function find(client: Admin): Promise<FoundTopics> {
  const { brokers } = await client.describeCluster()
  const { topics } = await client.fetchTopicMetadata()
  return {
    brokers: brokers.length,
    topics: new Map(
      topics.map(({ name, partitions }) => {
        const replicas = Math.min(...partitions.map((each) => each.replicas.length))
        return [name, { partitions: partitions.length, replicas }]
      }),
    ),
  }
}

/**
 * What was just created takes a moment to be known to all brokers, also where another process did it;
 * kafkajs' own waiting takes that moment for a failure.
 */
async function findThese(client: Admin, names: readonly string[], failures: Failures) {
  const expected = names.filter((name) => failures.get(name)?.isThere !== false)
  for (let tries = 1; ; tries++) {
    try {
      const found = await find(client)
      if (tries === MAX_LOOKS || expected.every((name) => found.topics.has(name))) return found
    } catch (error) {
      if (tries === MAX_LOOKS) throw error
    }
    await wait(BETWEEN_LOOKS_MS)
  }
}

type Failures = ReadonlyMap<string, { readonly why: string; readonly isThere: boolean }>

/** Of each that was not created why not, also where another process was quicker. */
async function make(client: Admin, create: readonly ITopicConfig[]): Promise<Failures> {
  try {
    const isCreated = await client.createTopics({ topics: [...create], waitForLeaders: false })
    if (isCreated) return new Map()
    return new Map(create.map(({ topic }) => [topic, { why: 'it exists', isThere: true }]))
  } catch (error) {
    return toFailures(error)
  }
}

/** kafkajs gathers them in one error: of each topic its name, type and sentence. */
function toFailures(error: unknown): Failures {
  const each = (error as { errors?: unknown }).errors // an Error, as kafkajs throws nothing else
  if (!Array.isArray(each)) throw error
  return new Map(
    (each as readonly { topic: string; type: string; message: string }[]).map(
      ({ topic, type, message }) => [
        topic,
        { why: message, isThere: type === 'TOPIC_ALREADY_EXISTS' },
      ],
    ),
  )
}

function toMissing(
  missing: readonly string[],
  { partitions }: WantedTopics,
  failures: Failures,
): string {
  const why = missing.map((name) => failures.get(name)?.why).find((each) => each !== undefined)
  return (
    `Kafka lacks ${missing.join(', ')}, which we could not create` +
    `${why === undefined ? '' : ` (${why})`}: create each with ${partitions} partitions, on Heroku ` +
    `by "heroku kafka:topics:create <topic> --partitions ${partitions}".`
  )
}

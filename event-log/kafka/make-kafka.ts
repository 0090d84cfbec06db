import { Kafka, logLevel } from 'kafkajs'
import type { ISocketFactory, KafkaConfig, LogEntry } from 'kafkajs'
import { skipNegativeTimeoutWarning } from './skip-negative-timeout-warning.ts'

export type KafkaTls = {
  /** PEM text, not file names; `ca` may hold several certificates (Heroku rotates them so). */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** The chain is verified all the same; Heroku's certificates do not bear the brokers' names. */
  readonly skipHostCheck?: boolean
}

export type KafkaSasl = {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

export type KafkaConnection = {
  readonly clientId: string
  /** `host:port` each. */
  readonly brokers: readonly string[]
  /** Before the names of topics and groups: '' or Heroku's `name-1234.`. */
  readonly prefix: string
  readonly ssl?: boolean | KafkaTls
  readonly sasl?: KafkaSasl
}

export type BrokerSaid = {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** What the client library says: host, group and topic names, never a secret or a payload. */
  readonly message: string
}

export type ClientSignals = { readonly brokerSaid: (facts: BrokerSaid) => void }

export type ClientOptions = {
  /** Tries beyond the first of every call, connecting included. */
  readonly retries?: number
  readonly socketFactory?: ISocketFactory
}

/** TCP and TLS handshake with one broker. */
const CONNECT_WITHIN_MS = 3_000
/** No answer of a healthy broker takes longer; joining a group and fetching have limits of their own. */
export const ANSWER_WITHIN_MS = 8_000
/** Waits: 0.1 s, 0.2, 0.4, 0.8, 1.6, then 3 s each; about 9 s in all. */
const WAITS = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 3_000, factor: 0.2 }
const RETRIES = 7

/**
 * One client of the cluster; touches no network. Every limit is named here, as kafkajs takes others
 * where NODE_ENV is `test`.
 */
export function makeKafka(
  connection: KafkaConnection,
  signals: ClientSignals,
  { retries = RETRIES, socketFactory }: ClientOptions = {},
): Kafka {
  skipNegativeTimeoutWarning()
  const { clientId, brokers, ssl = false, sasl } = connection
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: toTls(ssl),
    ...(sasl !== undefined && { sasl: toSasl(sasl) }),
    ...(socketFactory !== undefined && { socketFactory }),
    connectionTimeout: CONNECT_WITHIN_MS,
    authenticationTimeout: ANSWER_WITHIN_MS,
    requestTimeout: ANSWER_WITHIN_MS,
    enforceRequestTimeout: true,
    retry: { ...WAITS, retries },
    // Its `debug` would cost an object a request, and shows what requests carry.
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => signals.brokerSaid(toBrokerSaid(entry)),
  })
}

function toTls(ssl: boolean | KafkaTls): NonNullable<KafkaConfig['ssl']> {
  if (typeof ssl === 'boolean') return ssl
  const { skipHostCheck = false, ...pem } = ssl
  return {
    ...pem,
    rejectUnauthorized: true,
    ...(skipHostCheck && { checkServerIdentity: () => undefined }),
  }
}

function toSasl({ mechanism, username, password }: KafkaSasl) {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password }
    case 'scram-sha-256':
      return { mechanism, username, password }
    case 'scram-sha-512':
      return { mechanism, username, password }
    default:
      return mechanism satisfies never
  }
}

const LEVELS = new Map<logLevel, BrokerSaid['level']>([
  [logLevel.ERROR, 'error'],
  [logLevel.WARN, 'warn'],
  [logLevel.INFO, 'info'],
])

/** What the library shouts about in the ordinary course of things. The first that matches counts. */
const CALMER: readonly (readonly [RegExp, BrokerSaid['level']])[] = [
  [/^Crash: /, 'error'],
  [/rebalanc|re-?join|valid member id|not aware of this member|generation/i, 'info'],
  [/coordinator (is )?(loading|not available)|in the middle of a leadership election/i, 'info'],
  [/^Response without match/, 'info'],
  [/^(Pausing|Resuming) fetching/, 'debug'],
]

/** Exported for its test. */
export function toBrokerSaid({ level, namespace, log }: LogEntry): BrokerSaid {
  const said = [log.message, log['error'], log['broker'], log['groupId']].filter(
    (part): part is string => typeof part === 'string' && part !== '',
  )
  const text = said.join(' - ')
  const calmer = CALMER.find(([pattern]) => pattern.test(text))?.[1]
  const message = namespace === '' ? text : `[${namespace}] ${text}`
  return { level: calmer ?? toLevel(level), message }
}

/** Not every error of the library is one of ours: what it could not mend, it rejects with. */
function toLevel(level: logLevel): BrokerSaid['level'] {
  const said = LEVELS.get(level) ?? 'debug'
  return said === 'error' ? 'warn' : said
}

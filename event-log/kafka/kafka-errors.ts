import { LogUnavailable } from '../log-unavailable.ts'

/** The protocol's name of an error, also where kafkajs has wrapped it. */
export function typeOf(error: unknown): string | undefined {
  return chainOf(error)
    .map(({ type }) => type)
    .find((type) => typeof type === 'string')
}

type Facet = { readonly name?: string; readonly type?: string; readonly message?: string }

/** The error and what caused it, outermost first. */
function chainOf(error: unknown): readonly Facet[] {
  const chain: Facet[] = []
  for (let one = error; one instanceof Error && chain.length < 5; one = one.cause) chain.push(one)
  return chain
}

// What trying again will not change, and what to do about it. kafkajs wraps: any error of the chain counts.
const REFUSALS: readonly {
  readonly fits: (facet: Facet) => boolean
  readonly why: (facet: Facet) => string
}[] = [
  {
    fits: ({ type }) => type === 'TOPIC_AUTHORIZATION_FAILED',
    why: () => 'Kafka does not let our user use a topic of ours. Give it Read, Write and Describe.',
  },
  {
    fits: ({ type }) => type === 'GROUP_AUTHORIZATION_FAILED',
    why: () =>
      'Kafka does not let our user use this consumer group. Allow it, on a multi-tenant Heroku plan with "heroku kafka:consumer-groups:create" (the name without KAFKA_PREFIX).',
  },
  {
    fits: ({ type }) => type === 'CLUSTER_AUTHORIZATION_FAILED',
    why: () => 'Kafka does not let our user ask the cluster for this.',
  },
  {
    fits: ({ name }) => name === 'KafkaJSSASLAuthenticationError',
    why: () => 'Kafka does not accept our user name and password.',
  },
  {
    fits: ({ name, message }) =>
      name === 'KafkaJSNotImplemented' && /compression/.test(message ?? ''),
    why: ({ message }) =>
      `A topic of ours holds records that cannot be read here (${message ?? ''}). Only gzip or none can: change the producer's compression, or set the topic's compression.type to "gzip" or "uncompressed", and let the records expire.`,
  },
  {
    fits: ({ name }) => name === 'KafkaJSServerDoesNotSupportApiKey',
    why: ({ message }) => `This broker is too old or too new for us: ${message ?? ''}`,
  },
]

/** Why trying again will not help, as a sentence; undefined where it may. */
export function refusalOf(error: unknown): string | undefined {
  for (const facet of chainOf(error)) {
    const refusal = REFUSALS.find(({ fits }) => fits(facet))
    if (refusal !== undefined) return refusal.why(facet)
  }
  return undefined
}

const FAULTS_OF_CODE = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

/** What brokers and networks do: they come back. Anything else is a fault of code, which may not. */
export function isForeseen(error: unknown): boolean {
  if (error instanceof LogUnavailable) return true
  const chain = chainOf(error)
  if (chain.some(({ name }) => FAULTS_OF_CODE.has(name ?? ''))) return false
  return chain.some(({ name }) => name?.startsWith('KafkaJS') === true)
}

import { randomBytes } from 'node:crypto'
import { createDatabaseOn } from '../state/postgres.fixture.ts'

/** A real Kafka and a real PostgreSQL that run for all tests of a run; plain data, for it crosses processes. */
export type SharedStores = {
  /** `host:port` of the broker. */
  readonly kafka: string
  /** Of a database from which others are made. */
  readonly postgres: string
}

let shared: SharedStores | undefined

/** Every house that starts from now on stands on these, in several processes' worth of parts. */
export function useSharedStores(stores: SharedStores): void {
  shared = stores
}

/** Settings for one house of its own on the shared stores; undefined: the embedded ones. */
export async function makeStoreSettings(): Promise<Readonly<Record<string, string>> | undefined> {
  if (shared === undefined) return undefined
  return {
    KAFKA_BROKERS: shared.kafka,
    KAFKA_PREFIX: `house-${randomBytes(6).toString('hex')}.`,
    // Enough for two consumers to have some of each, few enough for hundreds of houses on one broker.
    KAFKA_TOPIC_PARTITIONS: '2',
    DATABASE_URL: await createDatabaseOn(shared.postgres),
  }
}

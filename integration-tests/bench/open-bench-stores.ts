import { randomBytes } from 'node:crypto'
import { findKafkaJars } from '../../event-log/kafka/kafka-jars.fixture.ts'
import { startKafka } from '../../event-log/kafka/start-kafka.fixture.ts'
import { createDatabaseOn, isPostgresHere, startPostgres } from '../../state/postgres.fixture.ts'

/** Settings of a product whose log and state are shared by several processes. */
export type StoreSettings = {
  readonly KAFKA_BROKERS: string
  readonly KAFKA_PREFIX: string
  readonly DATABASE_URL: string
}

export type BenchStores = AsyncDisposable & {
  /** With topics and a database that nothing else uses. */
  readonly makeSettings: () => Promise<StoreSettings>
  /** `host:port`. */
  readonly kafka: string
}

/** A real Kafka and a real PostgreSQL on this machine; rejects with a sentence where it cannot start them. */
export async function openBenchStores(tell: (line: string) => void): Promise<BenchStores> {
  tell('starting Kafka and PostgreSQL')
  const opened = new AsyncDisposableStack()
  try {
    const kafka = opened.use(await startKafka())
    const postgres = await startPostgres()
    opened.defer(() => postgres.stop())
    return {
      kafka: kafka.address,
      makeSettings: async () => ({
        KAFKA_BROKERS: kafka.address,
        KAFKA_PREFIX: `bench-${randomBytes(4).toString('hex')}.`,
        DATABASE_URL: await createDatabaseOn(postgres.url('postgres')),
      }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

/** What this machine lacks to start them, in a sentence; undefined where it lacks nothing. */
export async function whyNoBenchStores(): Promise<string | undefined> {
  const jars = await findKafkaJars()
  if (jars.kind === 'missing') return jars.why
  const postgres = isPostgresHere()
  return postgres.ok ? undefined : postgres.why
}

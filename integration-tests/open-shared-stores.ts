import type { TestProject } from 'vitest/node'
import { startKafka } from '../event-log/kafka/start-kafka.fixture.ts'
import { startPostgres } from '../state/postgres.fixture.ts'
import type { SharedStores } from './shared-stores.ts'

declare module 'vitest' {
  // What `inject` answers in a test of the project `real`.
  interface ProvidedContext {
    sharedStores: SharedStores
  }
}

/** Starts one real Kafka and one real PostgreSQL for all tests of the project `real`, and stops them. */
export default async function openSharedStores(project: TestProject): Promise<() => Promise<void>> {
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()])
  project.provide('sharedStores', { kafka: kafka.address, postgres: postgres.url('postgres') })
  return async () => {
    await Promise.all([kafka[Symbol.asyncDispose](), postgres.stop()])
  }
}

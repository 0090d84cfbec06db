import { afterAll, beforeAll } from 'vitest'
import { contractMigrations } from './contract-migrations.ts'
import { openPostgresState } from './postgres-state.ts'
import { startPostgres } from './postgres.fixture.ts'
import type { TestPostgres } from './postgres.fixture.ts'
import { stateStoreContract } from './state-store.contract.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

stateStoreContract({
  name: 'the PostgreSQL state',
  open: async () => {
    const url = await postgres.createDatabase()
    const open = () => openPostgresState({ url, migrations: contractMigrations })
    const store = await open()
    let latest = store
    return {
      store,
      reopen: async () => {
        await latest[Symbol.asyncDispose]()
        return (latest = await open())
      },
      close: async () => latest[Symbol.asyncDispose](),
    }
  },
})

// A process for the tests of exclusion: it holds its keys until it is ended.
import { contractMigrations } from '../contract-migrations.ts'
import { openPostgresState } from '../postgres-state.ts'

const [, , url = '', ...keys] = process.argv
const store = await openPostgresState({ url, migrations: contractMigrations })
await store.exclusively(keys, async () => {
  process.send?.('held')
  await new Promise(() => setInterval(() => undefined, 60_000))
})

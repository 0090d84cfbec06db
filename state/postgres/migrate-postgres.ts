import pg from 'pg'
import type { ClientConfig } from 'pg'
import { migrate } from '../migrations.ts'
import type { Migration } from '../migrations.ts'
import type { Statement } from '../state-store.ts'
import { toLockId } from './lock-id.ts'
import { runBatch } from './run-batch.ts'
import { toOpenError, toStateError } from './to-state-error.ts'

type Deps = {
  readonly config: ClientConfig
  readonly migrations: readonly Migration[]
  readonly now: () => number
}

/** So long one process waits for another that shapes the state; then it says so and ends. */
const WAIT_FOR_OTHERS_MS = 60_000
/** A table with millions of rows may take its time to get an index. */
const ANSWER_MS = 600_000

/**
 * Any number of processes may start at once: one after another looks what is left to do, behind a lock
 * of the very connection that does it, so a dead process holds up nobody.
 */
export async function migratePostgres({ config, migrations, now }: Deps): Promise<void> {
  const client = new pg.Client({ ...config, lock_timeout: WAIT_FOR_OTHERS_MS })
  client.on('error', () => undefined) // whoever waits for an answer hears of it by that
  const run = (statements: readonly Statement[]) =>
    runBatch(client, statements, ANSWER_MS).catch((error: unknown) => {
      throw toStateError(error, 'a migration')
    })
  try {
    await client.connect().catch((error: unknown) => {
      throw toOpenError(error)
    })
    await run([{ sql: 'SELECT pg_advisory_lock($1)', params: [toLockId('migrations')] }])
    await migrate({
      store: { read: async (statement) => (await run([statement]))[0]?.rows ?? [], write: run },
      migrations: migrations.map(toPostgres),
      now,
    })
  } finally {
    await client.end()
  }
}

/**
 * SQLite compares text byte by byte; so must PostgreSQL, whatever the language of its database: a prefix
 * is looked up as a range, and ids sort by time.
 */
function toPostgres({ id, statements }: Migration): Migration {
  return {
    id,
    statements: statements.map((sql) =>
      /^\s*(CREATE|ALTER) TABLE/i.test(sql) ? sql.replace(/\bTEXT\b/g, 'TEXT COLLATE "C"') : sql,
    ),
  }
}

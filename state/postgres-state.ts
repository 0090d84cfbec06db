import { setTimeout as wait } from 'node:timers/promises'
import type { ClientConfig } from 'pg'
import type { Migration } from './migrations.ts'
import { makeAdvisoryLocks } from './postgres/advisory-locks.ts'
import { toConnectionConfig } from './postgres/connection-config.ts'
import { makeExclusively } from './postgres/exclusively.ts'
import { toLockId } from './postgres/lock-id.ts'
import { openLockSession } from './postgres/lock-session.ts'
import { migratePostgres } from './postgres/migrate-postgres.ts'
import { openStatementPool } from './postgres/statement-pool.ts'
import type { Deadlines } from './postgres/statement-pool.ts'
import type { StateStore } from './state-store.ts'
import { StateUnavailable } from './state-unavailable.ts'

export type PostgresStateOptions = {
  /** `DATABASE_URL`. */
  readonly url: string
  readonly migrations: readonly Migration[]
  readonly now?: () => number
  readonly signals?: { readonly stateAway: (error: unknown) => void }
  /** Instead of what the URL says. */
  readonly ssl?: ClientConfig['ssl']
  /** For reads and writes; one more holds the locks. */
  readonly connections?: number
  readonly deadlines?: Deadlines
  /** A server that is still starting is waited for so long. */
  readonly patienceMs?: number
}

/** Five processes with one more for locks each are 25 connections; small plans give 20 to 40. */
const CONNECTIONS = 4
// No statement of ours takes more than milliseconds: one that took 10 s waits for something that is stuck.
const DEADLINES: Deadlines = { connectMs: 5_000, statementMs: 10_000, answerMs: 15_000 }
/** Half of the minute that Heroku gives a process to listen. */
const PATIENCE_MS = 30_000
const ASK_AGAIN_MS = 250

/** Rejects with a `StateRefused` sentence where waiting mends nothing, else with `StateUnavailable`. */
export async function openPostgresState(options: PostgresStateOptions): Promise<StateStore> {
  const { url, migrations, now = Date.now, ssl, patienceMs = PATIENCE_MS } = options
  const { deadlines = DEADLINES } = options
  const config = {
    ...toConnectionConfig(url),
    connectionTimeoutMillis: deadlines.connectMs,
    ...(ssl === undefined ? {} : { ssl }),
  }
  const away = (error: unknown) => options.signals?.stateAway(error)
  await untilThere(() => migratePostgres({ config, migrations, now }), { patienceMs, away })

  const pool = openStatementPool({
    config,
    connections: options.connections ?? CONNECTIONS,
    deadlines,
    lost: away,
  })
  const openSession = () => openLockSession(config)
  const locks = makeAdvisoryLocks({ openSession, away })
  const exclusion = makeExclusively({ locks, toLockId })
  let closing: Promise<void> | undefined
  const close = async () => {
    const closed = exclusion.close()
    // The works in hand still read and write; without any, the next write is refused at once.
    if (!exclusion.isIdle()) await closed
    await Promise.all([closed, pool.close()])
  }
  return {
    read: async (statement) => (await pool.run([statement], 'a read'))[0]?.rows ?? [],
    write: (statements) => pool.run(statements, 'a write'),
    exclusively: exclusion.exclusively,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

async function untilThere(
  open: () => Promise<void>,
  { patienceMs, away }: { readonly patienceMs: number; readonly away: (error: unknown) => void },
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    try {
      await open()
      return
    } catch (error) {
      if (!(error instanceof StateUnavailable) || performance.now() >= giveUpAt) throw error
      away(error)
      await wait(ASK_AGAIN_MS)
    }
  }
}

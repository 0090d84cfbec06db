import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LogRefused } from '../log-refused.ts'

const BUSY_TIMEOUT_MS = 5_000
export const PAGE_BYTES = 8_192

/** The database of a log directory, held by this process alone until `close`. */
export type LogFiles = {
  readonly db: DatabaseSync
  readonly path: string
  readonly close: () => void
}

/** Refuses, with a sentence, a directory that another process holds or that would not be durable. */
export function openLogFiles(dir: string): LogFiles {
  refuseOldSqlite()
  mkdirSync(dir, { recursive: true })
  const lock = lockDirectory(dir)
  try {
    const path = join(dir, 'log.db')
    const db = openDurable(path)
    return {
      db,
      path,
      close: () => {
        db.close()
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/**
 * A connection that neither drops an acknowledged commit on a power cut nor checkpoints by itself: a
 * checkpoint on the writing connection stops every append for as long as it takes.
 */
export function openDurable(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    db.exec(`PRAGMA page_size=${PAGE_BYTES}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16000`)
    for (const [setting, wanted] of [
      ['page_size', PAGE_BYTES],
      ['journal_mode', 'wal'],
      ['synchronous', 2],
      ['busy_timeout', BUSY_TIMEOUT_MS],
      ['wal_autocheckpoint', 0],
    ] as const) {
      const got = Object.values(db.prepare(`PRAGMA ${setting}`).get() ?? {})[0]
      if (got === wanted) continue
      throw new LogRefused(
        `The event log in ${path} would not survive a power cut: SQLite answered ${setting}=${String(got)}, needed is ${wanted}. Use a local disk, not a network file system.`,
      )
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** SQLite's own lock on a file of its own: the system lets go of it however the process ends. */
function lockDirectory(dir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dir, 'log.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw new LogRefused(
      `Another process already uses the event log in ${dir}. Stop it first, or give this one a directory of its own.`,
      { cause: error },
    )
  }
}

/** Before 3.51.3 two connections that write and checkpoint could lose committed rows (WAL-reset bug). */
function refuseOldSqlite(): void {
  const version = process.versions['sqlite'] ?? '0'
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const isFixed = major * 1e6 + minor * 1e3 + patch >= 3_051_003
  if (isFixed) return
  throw new LogRefused(
    `Node ${process.version} carries SQLite ${version}, which can lose committed entries. Start with "npm start", which brings a newer Node 24, or install Node 24.21 or later.`,
  )
}

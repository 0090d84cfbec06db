import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StateRefused } from '../state-refused.ts'

/** Long enough for a predecessor that is just ending, short enough to be told at once. */
const OPEN_TIMEOUT_MS = 250
/** 16 MiB: most checkpoints run while nobody waits, this only bounds the file under steady load. */
const AUTOCHECKPOINT_PAGES = 4_000

/** One connection, exclusively: SQLite's own lock keeps every other process out while it is open. */
export function openStateFile(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'state.db')
  const db = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS })
  try {
    takeLock(db, dir)
    for (const [setting, wanted] of [
      ['locking_mode', 'exclusive'],
      ['journal_mode', 'wal'],
      ['synchronous', 2],
      ['wal_autocheckpoint', AUTOCHECKPOINT_PAGES],
    ] as const) {
      const got = Object.values(db.prepare(`PRAGMA ${setting}`).get() ?? {})[0]
      if (got === wanted) continue
      throw new StateRefused(
        `The state in ${path} would not survive a power cut: SQLite answered ${setting}=${String(got)}, needed is ${wanted}. Use a local disk, not a network file system.`,
      )
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const SQLITE_BUSY = 5

function takeLock(db: DatabaseSync, dir: string): void {
  try {
    db.exec(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             PRAGMA wal_autocheckpoint=${AUTOCHECKPOINT_PAGES}; BEGIN IMMEDIATE; COMMIT`)
  } catch (error) {
    const isBusy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
    if (!isBusy) throw error
    throw new StateRefused(
      `Another process already uses the state in ${dir}. Stop it first, or give this one a directory of its own.`,
      { cause: error },
    )
  }
}

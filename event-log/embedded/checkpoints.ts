import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { PAGE_BYTES } from './open-log-files.ts'

/** Often enough that a checkpoint is small, seldom enough that it is not felt: 8 MiB. */
const EVERY_PAGES = (8 * 1024 * 1024) / PAGE_BYTES
/** Above 16 MiB the writer finishes the little that the other connection left, and the file starts anew. */
const SOFT_CAP_PAGES = 2 * EVERY_PAGES
/** Above 128 MiB the writer waits for the disk: without a cap the file grows to gigabytes at full load. */
const HARD_CAP_PAGES = 16 * EVERY_PAGES

export type Checkpoints = {
  /** To be called after every commit. */
  readonly committed: () => void
  readonly close: () => Promise<void>
}

/** Moves the write-ahead file into the database from a second connection, on a thread of its own. */
export function makeCheckpoints(db: DatabaseSync, path: string): Checkpoints {
  const thread = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
    workerData: path,
  })
  thread.unref()
  let isAlive = true
  let isRunning = false
  const look = db.prepare('PRAGMA wal_checkpoint(NOOP)') // 2 µs: it only reads two counters
  const walPages = () => {
    const row = look.get()
    const all = Number(row?.['log'] ?? 0)
    return { all, waiting: all - Number(row?.['checkpointed'] ?? 0) }
  }
  const finishHere = (mode: 'PASSIVE' | 'RESTART') => {
    db.prepare(`PRAGMA wal_checkpoint(${mode})`).get()
  }

  thread.on('message', () => {
    isRunning = false
    if (walPages().all > SOFT_CAP_PAGES) finishHere('PASSIVE')
  })
  // Without its thread the log goes on, and checkpoints on the writing connection.
  thread.on('error', () => {
    isAlive = false
    isRunning = false
  })

  return {
    committed: () => {
      const pages = walPages()
      if (pages.waiting < EVERY_PAGES) return
      if (!isAlive) finishHere('PASSIVE')
      else if (!isRunning) {
        isRunning = true
        thread.postMessage(null)
      } else if (pages.all > HARD_CAP_PAGES) finishHere('RESTART')
    },
    close: async () => {
      await thread.terminate()
    },
  }
}

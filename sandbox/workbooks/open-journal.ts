import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import type { JournalEntry } from './database.ts'

export type Journal = {
  readonly entries: readonly JournalEntry[]
  readonly append: (entry: JournalEntry) => void
}

/** Reads what an earlier sandbox wrote and adds to it, one line a commit; without a file nothing outlives the process. */
export const openJournal = (file: string | undefined): Journal => {
  if (file === undefined) return { entries: [], append: () => undefined }
  mkdirSync(dirname(file), { recursive: true })
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  // A line without its end was being written when the process died: that commit was never answered.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
  const entries = whole
    .split('\n')
    .filter((line) => line !== '')
    // Our own file: every line was written by `append` below.
    .map((line) => JSON.parse(line) as JournalEntry)
  return { entries, append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`) }
}

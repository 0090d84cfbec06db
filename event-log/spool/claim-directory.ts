import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sentenceOf } from '../../runtime/errors.ts'
import { LogRefused } from '../log-refused.ts'

const SQLITE_BUSY = 5

export type Claim = { readonly release: () => void }

/**
 * This process's alone until it releases it or ends, however it ends; undefined where another has it.
 * Throws a `LogRefused` sentence where the directory cannot be made or written to.
 */
export function claimDirectory(dir: string): Claim | undefined {
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(dir, { recursive: true })
    lock = new DatabaseSync(join(dir, 'owner.lock'), { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)
      return undefined
    throw new LogRefused(
      `The spool needs a directory that this process can write to, and ${dir} is none: ${sentenceOf(error)}. Mend it, or set DATA_DIR to another one.`,
      { cause: error },
    )
  }
  const claimed = lock
  return { release: () => claimed.close() }
}

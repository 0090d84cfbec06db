import { existsSync, readFileSync } from 'node:fs'
import { readSyncConfig, type SyncConfigRead } from '../schemas/sync-config.ts'
import { sentenceOf } from './errors.ts'

/** The sync configuration in a file, or every mistake in it with the file's name; no file: all defaults. */
export function readSyncConfigFile(file: string | undefined): SyncConfigRead {
  // One that is named and not there is a mistake in the settings, and told with them.
  if (file === undefined || !existsSync(file)) return { kind: 'ok', config: {} }
  try {
    const read = readSyncConfig(JSON.parse(readFileSync(file, 'utf8')))
    if (read.kind === 'ok') return read
    return { kind: 'mistakes', mistakes: read.mistakes.map((mistake) => `${file}: ${mistake}`) }
  } catch (error) {
    const why = `SYNC_CONFIG ${file} could not be read as JSON: ${sentenceOf(error)}`
    return { kind: 'mistakes', mistakes: [why] }
  }
}

import { openFileThread, type FileThread } from '../../runtime/file-thread.ts'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import type { Exchange, LogThreadData } from './messages.ts'

export type LogThread = FileThread<Exchange>

/** Starts the thread that owns the log's files; rejects with a `LogRefused` where it refuses. */
export function openLogThread(data: LogThreadData): Promise<LogThread> {
  return openFileThread({
    module: new URL('../embedded-log-worker.ts', import.meta.url),
    data,
    what: 'event log',
    refused: (why) => new LogRefused(why),
    unavailable: (why, options) => new LogUnavailable(why, options),
  })
}
